// What a panel asks Prometheus, and the answers as Grafana's data frames.

import { FieldType, createDataFrame } from "@grafana/data";

/** An answer of Prometheus' API: https://prometheus.io/docs/prometheus/latest/querying/api/ */
export async function ask(server, path, asked) {
  const answer = await fetch(`${server}/api/v1/${path}?${new URLSearchParams(asked)}`);
  const told = await answer.json();
  if (told.status !== "success") throw new Error(told.error);
  return told.data;
}

/** A time as Prometheus keeps it, in milliseconds. */
export const whole = (time) => Math.round(time * 1000) / 1000;

/** The frames of a panel's targets, one for each series. */
export async function frames(server, targets, replace, range) {
  const shown = targets.filter((target) => !target.hide);
  const all = await Promise.all(shown.map((target) => series(server, target, replace, range)));
  return all.flat();
}

async function series(server, target, replace, { from, to, step }) {
  const query = replace(target.expr);
  const data = await ask(server, "query_range", { query, start: from, end: to, step });
  const times = steps(from, to, step);
  return data.result.map(({ metric, values }) => {
    const samples = new Map(values);
    return createDataFrame({
      refId: target.refId,
      fields: [
        { name: "Time", type: FieldType.time, values: times.map((time) => time * 1000) },
        {
          name: "Value",
          type: FieldType.number,
          labels: metric,
          config: { displayNameFromDS: legend(target.legendFormat, metric, query) },
          values: times.map((time) => Number(samples.get(time) ?? NaN)).map(gap),
        },
      ],
    });
  });
}

/** Every step, so that a time without a sample is a gap and no straight line. */
function steps(from, to, step) {
  const count = Math.floor((to - from) / step) + 1;
  return Array.from({ length: count }, (_, n) => whole(from + n * step));
}

const gap = (value) => (Number.isNaN(value) ? null : value);

function legend(format, metric, query) {
  if (format && format !== "__auto")
    return format.replace(/\{\{\s*(\w+)\s*\}\}/g, (_, label) => metric[label] ?? "");
  const { __name__: name = "", ...labels } = metric;
  const pairs = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  return name || pairs.length ? `${name}{${pairs.join(", ")}}` : query;
}
