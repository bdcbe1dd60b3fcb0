// What a dashboard marks in its graphs: the times in which a query has an answer.

import { ask } from "./prometheus.js";

/** A plugin of the graphs that paints them; Grafana's own one is not in @grafana/ui. */
export async function regions(server, dashboard, replace, range) {
  const wanted = (dashboard.annotations?.list ?? []).filter(({ expr }) => expr);
  const found = await Promise.all(wanted.map(async ({ expr, iconColor }) => {
    const times = { start: range.from, end: range.to, step: range.step };
    const { result } = await ask(server, "query_range", { query: replace(expr), ...times });
    const samples = result.flatMap(({ values }) => values).sort(([a], [b]) => a - b);
    return spans(samples, range.step).map(([from, to]) => ({ from, to, color: iconColor }));
  }));
  return (builder) => {
    builder.addHook("drawClear", (plot) => found.flat().forEach((one) => paint(plot, one)));
    return null;
  };
}

/** Samples without a gap between them, as first and last time. */
function spans(values, step) {
  return values.reduce((found, [time]) => {
    const last = found.at(-1);
    if (last && time - last[1] < step * 1.5) last[1] = time;
    else found.push([time, time]);
    return found;
  }, []);
}

function paint(plot, { from, to, color }) {
  const [left, right] = [from, to].map((time) => plot.valToPos(time * 1000, "x", true));
  const { top, height } = plot.bbox;
  plot.ctx.save();
  plot.ctx.globalAlpha = 0.15;
  plot.ctx.fillStyle = color;
  plot.ctx.fillRect(left, top, Math.max(right - left, 2), height);
  plot.ctx.restore();
}
