"""Series on real data: recipes at several shares of dropped points, and forecasts."""
