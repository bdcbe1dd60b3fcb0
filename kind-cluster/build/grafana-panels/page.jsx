// A Grafana dashboard's JSON, drawn by Grafana's components against a Prometheus:
// /?dashboard=FILE&prometheus=URL&from=SECONDS&to=SECONDS&var-NAME=VALUE&theme=light

import { useEffect, useState } from "react";
import { createRoot } from "react-dom/client";
import { createTheme, ThemeContext } from "@grafana/data";
import { PanelChrome } from "@grafana/ui";
import "uplot/dist/uPlot.min.css";
import { regions } from "./annotations.js";
import * as findings from "./findings.js";
import { TYPES, configured } from "./panels.jsx";
import { ask, frames, whole } from "./prometheus.js";
import { replacer, values } from "./variables.js";

const ROW = 38; // pixels of a row of Grafana's grid, with its gap
const POINTS = 600; // of a line, at most
const asked = new URLSearchParams(location.search);
const server = asked.get("prometheus");
const theme = createTheme({ colors: { mode: asked.get("theme") ?? "light" } });

/** Everything that the dashboard shows, asked for at once. */
async function load() {
  const dashboard = await (await fetch(asked.get("dashboard"))).json();
  const [range, others] = await Promise.all([times(dashboard), pages(dashboard)]);
  const found = await values(dashboard, server, asked, range);
  const replace = replacer(found, range);
  const marked = await regions(server, dashboard, replace, range);
  const panels = await Promise.all(dashboard.panels.map(async (panel) => {
    try {
      const data = await frames(server, panel.targets ?? [], replace, range);
      return { panel, frames: configured(panel, data, replace, theme) };
    } catch (error) {
      return { panel, frames: [], error: error.message };
    }
  }));
  return { dashboard, range, found, marked, panels, replace, others };
}

/** The pages that it links to, which Grafana's server would find by their tags. */
async function pages({ uid, links = [] }) {
  const tags = links.filter(({ type }) => type === "dashboards").flatMap((link) => link.tags);
  const all = tags.length ? await (await fetch("search.json")).json() : [];
  return all.filter((page) => page.uid !== uid && page.tags.some((tag) => tags.includes(tag)));
}

/** This address, for another dashboard. */
function address({ uid }) {
  const changed = new URLSearchParams(asked);
  changed.set("dashboard", `${uid}.json`);
  return `?${changed}`;
}

/** The range, its steps and how often is scraped, in seconds. A step is never shorter than that. */
async function times(dashboard) {
  const { yaml } = await ask(server, "status/config", {});
  const scrape = seconds(yaml.match(/scrape_interval: (\S+)/)[1]);
  const to = whole(asked.get("to") ?? Date.now() / 1000);
  const length = seconds((dashboard.time?.from ?? "now-1h").replace("now-", ""));
  const from = whole(asked.get("from") ?? to - length);
  const step = whole(Math.max(scrape, (to - from) / POINTS));
  return { from, to, step, scrape };
}

function seconds(duration) {
  const units = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86400 };
  const parts = [...duration.matchAll(/(\d+)(ms|[smhd])/g)];
  return parts.reduce((sum, [, count, unit]) => sum + count * units[unit], 0);
}

function Panel({ shown, all, width }) {
  const { panel, frames, error } = shown;
  const { x, y, w, h } = panel.gridPos;
  const place = { left: x * (width / 24), top: y * ROW };
  if (panel.type === "row") return <h2 style={place}>{all.replace(panel.title)}</h2>;
  const size = { width: w * (width / 24) - 8, height: h * ROW - 8 };
  const Type = TYPES[panel.type];
  const empty = !filled(frames);
  return (
    // Under the pointer: the icon that Grafana puts it behind is a file of its server.
    <div style={place} title={panel.description}>
      <PanelChrome {...size} title={all.replace(panel.title ?? "")} statusMessage={error}>
        {(width, height) => empty || !Type ? <div className="none">{error ?? "No data"}</div> :
          <Type {...{ panel, frames, width, height, theme, range: all.range }}>
            {all.marked}
          </Type>}
      </PanelChrome>
    </div>
  );
}

function Page({ all }) {
  const width = document.documentElement.clientWidth - 16;
  const height = Math.max(...all.panels.map(({ panel: { gridPos: { y, h } } }) => y + h)) * ROW;
  const chosen = Object.entries(all.found).map(([name, value]) => `${name}: ${value}`);
  useEffect(() => { window.told = told(all); }, []);
  return (
    <main>
      <nav>
        {all.others.map((page) => <a key={page.uid} href={address(page)}>{page.title}</a>)}
      </nav>
      <h1>{all.dashboard.title}</h1>
      <p>{chosen.join(" · ")}</p>
      <div className="grid" style={{ height }}>
        {all.panels.map((shown, n) => <Panel key={n} {...{ shown, all, width }} />)}
      </div>
    </main>
  );
}

/** For who draws it without looking: the series of each panel, and what is wrong. */
function told({ dashboard, panels }) {
  const asking = panels.filter(({ panel }) => panel.targets);
  const rows = asking.map(({ panel, frames }) => [panel.title, panel.type, filled(frames)]);
  const wrong = panels.flatMap(({ panel, frames, error }) => [
    ...(error ? [`${panel.title}: ${error}`] : []),
    ...(panel.targets && !filled(frames) && !error ? [`${panel.title}: no data`] : []),
    ...(panel.type in TYPES || panel.type === "row" ? [] : [`${panel.title}: a ${panel.type}`]),
    ...findings.units(panel),
  ]);
  const graphs = rows.filter(([, type, series]) => type === "timeseries" && series).length;
  return { rows, graphs, wrong: [...wrong, ...findings.variables(dashboard)] };
}

/** How many series have a number at any time. */
const filled = (frames) =>
  frames.filter(({ fields }) => fields[1].values.some((value) => value !== null)).length;

function Start() {
  const [all, setAll] = useState();
  const [trouble, setTrouble] = useState();
  useEffect(() => {
    load().then(setAll, (error) => {
      window.told = { rows: [], graphs: 0, wrong: [error.message] };
      setTrouble(error.message);
    });
  }, []);
  return trouble ? <p>{trouble}</p> : all ? <Page all={all} /> : <p>Asking Prometheus</p>;
}

document.body.style.background = theme.colors.background.canvas;
document.body.style.color = theme.colors.text.primary;
createRoot(document.getElementById("page")).render(
  <ThemeContext.Provider value={theme}><Start /></ThemeContext.Provider>,
);
