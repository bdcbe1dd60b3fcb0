// A dashboard's variables: their values from Prometheus, and where they stand in a query.

import { ask } from "./prometheus.js";

const LABEL_VALUES = /^label_values\((?:(.+),\s*)?(\w+)\)$/;

/** The value of each variable: as asked for in the address, else the saved one, else the first. */
export async function values(dashboard, server, asked, range) {
  const found = {};
  for (const variable of dashboard.templating?.list ?? []) {
    const options = await choices(variable, server, replacer(found, range), range);
    const saved = variable.current?.value;
    found[variable.name] = asked.get(`var-${variable.name}`)
      ?? (options.includes(saved) ? saved : options[0] ?? "");
  }
  return found;
}

async function choices({ query }, server, replace, { from, to }) {
  const text = replace(query.query ?? query);
  const [, match, label] = text.match(LABEL_VALUES) ?? [];
  if (!label) throw new Error(`only label_values is known here, not ${text}`);
  const series = match ? { "match[]": match } : {};
  return ask(server, `label/${label}/values`, { start: from, end: to, ...series });
}

const duration = (seconds) => `${Math.round(seconds * 1000)}ms`;

/** Puts values in the place of $name and ${name}; Grafana's own begin with two underscores. */
export function replacer(found, range) {
  const known = {
    ...found,
    __interval: duration(range.step),
    // https://grafana.com/docs/grafana/latest/datasources/prometheus/template-variables/
    __rate_interval: duration(Math.max(range.step + range.scrape, 4 * range.scrape)),
    __range: duration(range.to - range.from),
  };
  const put = (whole, bare, braced) => known[bare ?? braced.split(":")[0]] ?? whole;
  return (text) => String(text).replace(/\$(?:(\w+)|\{([^}]+)\})/g, put);
}
