"use strict";
(() => {
  const held = document.getElementById("sweeps");
  if (held === null) return;
  const runs = JSON.parse(held.textContent);
  const rtols = JSON.parse(document.getElementById("rtols").textContent);
  const [slider, method, batching] = ["rtol", "method", "batching"].map((id) => document.getElementById(id));
  const number = (value, digits = 4) =>
    typeof value === "number" ? String(Number(value.toPrecision(digits))) : "not measured";

  function element(name, attributes, text) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text !== undefined) made.textContent = text;
    return made;
  }

  function told(list, run, row) {
    const lines = row === undefined ? [["", "not measured"]] : [
      [run.metric ?? "metric", number(row[run.metric])],
      ["baseline", number(row[run.baseline])],
      ["evaluations (NFE)", number(row.nfe)],
      ["time of a batch", typeof row.seconds === "number" ? `${number(1000 * row.seconds, 3)} ms` : "not measured"],
      ["error at the end", number(row.achieved, 3)],
      ["failed", number(row.failed)],
    ];
    list.replaceChildren(...lines.flatMap(([name, value]) => {
      const [term, description] = ["dt", "dd"].map((tag) => document.createElement(tag));
      [term.textContent, description.textContent] = [name, value];
      return [term, description];
    }));
  }

  function curve(box, run, rows, now) {
    const points = rows.filter((row) => typeof row[run.metric] === "number" && row.nfe > 0);
    box.replaceChildren();
    if (points.length < 2) return;
    points.sort((a, b) => a.nfe - b.nfe);
    const [width, height, left, right, top, bottom] = [360, 190, 52, 12, 14, 34];
    const xs = points.map((row) => Math.log(row.nfe));
    const base = now?.[run.baseline];
    const ys = points.map((row) => row[run.metric]).concat(typeof base === "number" ? [base] : []);
    const span = (values) => [Math.min(...values), Math.max(...values)];
    const place = (value, [low, high], from, to) =>
      high > low ? from + ((value - low) / (high - low)) * (to - from) : (from + to) / 2;
    const [xSpan, ySpan] = [span(xs), span(ys)];
    const x = (row) => place(Math.log(row.nfe), xSpan, left, width - right);
    const y = (value) => place(value, ySpan, height - bottom, top);
    const label = `${run.metric} against evaluations`;
    const svg = element("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label });
    if (typeof base === "number") svg.append(element("line", { x1: left, x2: width - right, y1: y(base), y2: y(base) }));
    svg.append(element("polyline", { points: points.map((row) => `${x(row)},${y(row[run.metric])}`).join(" ") }));
    for (const row of points) svg.append(element("circle", { cx: x(row), cy: y(row[run.metric]), r: 2.5 }));
    if (now !== undefined && typeof now[run.metric] === "number" && now.nfe > 0)
      svg.append(element("circle", { class: "now", cx: x(now), cy: y(now[run.metric]), r: 5 }));
    for (const value of new Set(ySpan))
      svg.append(element("text", { x: left - 6, y: y(value) + 4, "text-anchor": "end" }, number(value, 3)));
    svg.append(element("text", { x: left, y: height - 18 }, number(points[0].nfe, 3)));
    svg.append(element("text", { x: width - right, y: height - 18, "text-anchor": "end" }, number(points.at(-1).nfe, 3)));
    svg.append(element("text", { x: (left + width - right) / 2, y: height - 4, "text-anchor": "middle" }, `${run.metric} against evaluations of an example`));
    box.append(svg);
  }

  function show() {
    const rtol = rtols[Number(slider.value)];
    document.getElementById("rtol-told").textContent = rtol.toExponential(0);
    slider.setAttribute("aria-valuetext", rtol.toExponential(0));
    for (const panel of document.querySelectorAll(".panel")) {
      const run = runs[Number(panel.dataset.run)];
      const rows = run.rows.filter((row) => row.method === method.value && row.batching === batching.value);
      const now = rows.find((row) => row.rtol === rtol);
      told(panel.querySelector(".told"), run, now);
      curve(panel.querySelector(".curve"), run, rows, now);
    }
  }

  if ([...method.options].some((option) => option.value === "Dopri5")) method.value = "Dopri5";
  for (const control of [slider, method, batching]) control.addEventListener("input", show);
  document.getElementById("controls").addEventListener("submit", (event) => event.preventDefault());
  for (const each of [document.getElementById("controls"), ...document.querySelectorAll(".panel")]) each.hidden = false;
  show();
})();
