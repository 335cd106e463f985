"use strict";
// Browsers that show a PDF within a page say so; in the others the link alone stands for it.
if (navigator.pdfViewerEnabled)
  for (const link of document.querySelectorAll("a.pdf")) {
    const { width, height } = link.dataset;
    const shown = document.createElement("embed");
    shown.type = "application/pdf";
    shown.title = link.title;
    shown.style.maxWidth = `${width}pt`;
    shown.style.aspectRatio = `${width} / ${height}`;
    shown.src = `${link.href}#toolbar=0&navpanes=0&view=Fit`;
    link.closest("figure").prepend(shown);
  }
