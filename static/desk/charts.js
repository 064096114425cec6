/* Charts: the numbers of a JSON block, drawn by ECharts once the page stands. The canvas is
   decoration; finding and table are beside it. */

const me = document.getElementById("charts-js");
const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
const INK = "#1a2230";
const SECOND = "#4a5464";
const HAIR = "#e3e8ef";
const GREY = "#a6afbc";
const SERIES = ["#1f5fbf", "#d97706", "#123b2e", "#7a6a8a", "#7c8796"];
const DASHES = ["solid", "dashed", "dotted", [8, 3, 2, 3], "solid"];
const FONT = getComputedStyle(document.body).fontFamily;
const zh = document.documentElement.lang.startsWith("zh");

function load(url) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = url;
    script.onload = resolve;
    script.onerror = reject;
    document.head.append(script);
  });
}

const short = (value) => {
  if (typeof value !== "number") return value ?? "";
  const steps = zh ? [[1e8, "亿"], [1e4, "万"]] : [[1e6, "M"], [1e3, "K"]];
  for (const [step, word] of steps) {
    if (Math.abs(value) >= step) return `${+(value / step).toFixed(1)} ${word}`.replace("-", "−");
  }
  return String(+value.toFixed(2)).replace("-", "−");
};

const full = (data) => (value) => {
  if (value == null || Array.isArray(value)) return String(value ?? "-");
  const shown = data.percent ? value * 100 : value;
  return shown.toLocaleString("en-US", { minimumFractionDigits: data.places, maximumFractionDigits: data.places }).replace("-", "−") + (data.percent ? "%" : "");
};

function common(data) {
  const many = data.series.length > 1;
  return {
    animation: !calm,
    color: SERIES,
    textStyle: { fontFamily: FONT, color: INK },
    aria: { enabled: true, label: { description: data.title }, decal: { show: ["stack", "ring"].includes(data.kind) || (data.kind === "bar" && many) } },
    grid: { left: 8, right: 16, top: many ? 36 : 20, bottom: 8, containLabel: true },
    legend: many ? { top: 4, left: 8, itemWidth: 16, itemHeight: 8, textStyle: { color: SECOND, fontSize: 12 } } : undefined,
    tooltip: { renderMode: "richText", confine: true, textStyle: { fontFamily: FONT, fontSize: 12, color: INK }, valueFormatter: full(data) },
  };
}

const category = (names, extra = {}) => ({ type: "category", data: names, axisTick: { show: false }, axisLine: { lineStyle: { color: GREY } }, axisLabel: { color: SECOND, fontSize: 12, hideOverlap: true }, ...extra });
// What is counted is whole: half a card is no step of an axis.
const counts = (data) => data.series.every((each) => each.values.every((v) => v === null || Number.isInteger(v)));
const measure = (data, extra = {}) => ({ type: "value", minInterval: counts(data) ? 1 : undefined, axisLabel: { color: SECOND, fontSize: 12, formatter: (v) => (data.percent ? `${+(v * 100).toFixed(1)}%` : short(v)) }, splitLine: { lineStyle: { color: HAIR } }, ...extra });

const kinds = {
  line: (data) => ({
    tooltip: { ...common(data).tooltip, trigger: "axis" },
    xAxis: category(data.categories, { boundaryGap: false, ...(data.inverse ? { position: "bottom", axisLine: { onZero: false } } : {}) }),
    yAxis: measure(data, { scale: true, inverse: data.inverse }),
    series: data.series.map((each, n) => ({
      type: "line",
      name: each.name,
      data: each.partial ? each.values.map((v, i) => (i < each.values.length - 1 ? v : null)) : each.values,
      symbol: "none",
      sampling: each.values.length > 2000 ? "lttb" : undefined,
      lineStyle: { width: each.muted ? 1.5 : 2.25, type: each.muted ? "solid" : DASHES[n], color: each.muted ? GREY : SERIES[n] },
      itemStyle: { color: each.muted ? GREY : SERIES[n] },
      markLine: n === 0 && Object.keys(data.marks).length ? {
        silent: true, symbol: "none", lineStyle: { color: GREY, type: "dashed" }, label: { formatter: "{b}", color: SECOND, fontSize: 11, position: data.inverse ? "start" : "end" },
        data: Object.entries(data.marks).map(([at, word]) => ({ xAxis: at, name: word })),
      } : undefined,
    })).concat(data.series.filter((each) => each.partial).map((each) => ({
      type: "line", name: each.name, data: each.values.map((v, i) => (i >= each.values.length - 2 ? v : null)), symbol: "none", silent: true,
      lineStyle: { width: 2, type: "dashed", color: SERIES[data.series.indexOf(each)] }, itemStyle: { color: SERIES[data.series.indexOf(each)] }, tooltip: { show: false },
    }))),
  }),
  bar: (data) => ({
    tooltip: { ...common(data).tooltip, trigger: "axis", axisPointer: { type: "none" } },
    yAxis: category(data.categories, { inverse: true }),
    xAxis: measure(data, data.series.some((each) => each.values.some((v) => v < 0)) ? {} : { min: 0 }),
    series: data.series.map((each, n) => ({ type: "bar", name: each.name, data: each.values, barMaxWidth: 22, itemStyle: { color: each.muted ? GREY : SERIES[n] }, label: data.series.length === 1 ? { show: true, position: "right", color: INK, fontSize: 12, formatter: (p) => (data.percent ? full(data)(p.value) : short(p.value)) } : undefined })),
  }),
  stack: (data) => ({
    tooltip: { ...common(data).tooltip, trigger: "axis", axisPointer: { type: "none" } },
    xAxis: category(data.categories),
    yAxis: measure(data, { min: 0 }),
    series: data.series.map((each) => ({ type: "bar", stack: "all", name: each.name, data: each.values, barMaxWidth: 40, itemStyle: { borderColor: "#fff", borderWidth: 1 } })),
  }),
  ring: (data) => ({
    legend: undefined,
    series: [{ type: "pie", radius: ["40%", "62%"], name: data.series[0].name, data: data.categories.map((name, n) => ({ name, value: data.series[0].values[n] })), itemStyle: { borderColor: "#fff", borderWidth: 2 }, label: { formatter: "{b} {d}%", color: INK, fontSize: 12, overflow: "none" }, labelLine: { length: 8, length2: 8 } }],
  }),
  bullet: (data) => ({
    tooltip: { ...common(data).tooltip, trigger: "axis", axisPointer: { type: "none" } },
    yAxis: category(data.categories, { inverse: true }),
    xAxis: measure(data, { min: 0 }),
    series: [
      { type: "bar", name: data.series[0].name, data: data.series[0].values, barMaxWidth: 16, itemStyle: { color: SERIES[0] }, label: { show: true, position: "right", formatter: (p) => short(p.value), color: INK }, z: 2 },
      { type: "scatter", data: data.targets.map((value, n) => [value, n]), symbol: "rect", symbolSize: [3, 26], itemStyle: { color: INK }, silent: true, z: 3 },
    ],
  }),
  waterfall: (data) => {
    const values = data.series[0].values;
    let level = 0;
    const base = [];
    const bars = values.map((value, n) => {
      const whole = n === 0 || n === values.length - 1;
      const from = whole ? 0 : level;
      level = whole ? value : level + value;
      base.push(Math.min(from, level));
      return { value: Math.abs(level - from), itemStyle: { color: whole ? SERIES[0] : value < 0 ? SERIES[1] : SERIES[2] }, label: { formatter: () => `${!whole && value > 0 ? "+" : ""}${short(value)}` } };
    });
    return {
      tooltip: { show: false },
      xAxis: category(data.categories),
      yAxis: measure(data),
      series: [
        { type: "bar", stack: "w", data: base, silent: true, itemStyle: { color: "transparent", decal: { symbol: "none" } }, emphasis: { disabled: true } },
        { type: "bar", stack: "w", name: data.series[0].name, data: bars, barMaxWidth: 40, label: { show: true, position: "top", color: INK, fontSize: 12 } },
      ],
    };
  },
  box: (data) => ({
    xAxis: category(data.categories),
    yAxis: measure(data),
    series: [{ type: "boxplot", name: data.series[0].name, data: data.series[0].values, itemStyle: { color: "#eaf1fb", borderColor: SERIES[0], borderWidth: 1.5 } }],
  }),
  scatter: (data) => ({
    xAxis: measure(data, { scale: true }),
    yAxis: measure(data, { scale: true }),
    series: data.series.map((each, n) => ({ type: "scatter", name: each.name, large: each.values.length > 10000, symbolSize: 9, symbol: ["circle", "rect", "triangle", "diamond"][n % 4], data: each.values.map((pair, i) => ({ value: pair, name: data.categories[i] })), label: each.values.length <= 12 ? { show: true, formatter: "{b}", position: "top", color: SECOND, fontSize: 11 } : undefined })),
  }),
  heat: (data) => {
    const cells = data.series.flatMap((each, y) => each.values.map((value, x) => [x, y, value]));
    const most = Math.max(...cells.map((cell) => cell[2] ?? 0));
    return {
      legend: undefined,
      grid: { left: 8, right: 16, top: 12, bottom: 44, containLabel: true },
      xAxis: category(data.categories),
      yAxis: category(data.rows, { inverse: true }),
      visualMap: { min: 0, max: most, orient: "horizontal", left: "center", bottom: 4, itemHeight: 120, itemWidth: 10, calculable: false, inRange: { color: ["#f5f7fa", "#bfd7fa", "#1f5fbf", "#143f85"] }, textStyle: { color: SECOND } },
      series: [{ type: "heatmap", data: cells, itemStyle: { borderColor: "#fff", borderWidth: 1 } }],
    };
  },
};

function draw(figure) {
  const data = JSON.parse(document.getElementById(figure.dataset.chart).textContent);
  const place = figure.querySelector(".canvas");
  const chart = window.echarts.init(place, null, { locale: zh ? "ZH" : "EN" });
  chart.setOption({ ...common(data), ...kinds[data.kind](data) });
  if (data.hrefs.length) {
    // Anywhere in the band of a category counts: a small bar is hard to hit.
    const across = ["line", "stack", "waterfall"].includes(data.kind);
    const indexAt = (event) => {
      const at = [event.offsetX, event.offsetY];
      return chart.containPixel("grid", at) ? chart.convertFromPixel("grid", at)[across ? 0 : 1] : -1;
    };
    chart.getZr().on("click", (event) => { const href = data.hrefs[Math.round(indexAt(event))]; if (href) location.assign(href); });
    chart.getZr().on("mousemove", (event) => chart.getZr().setCursorStyle(data.hrefs[Math.round(indexAt(event))] ? "pointer" : "default"));
  }
  new ResizeObserver(() => chart.resize()).observe(place);
}

const figures = [...document.querySelectorAll("figure[data-chart]")];
if (figures.length) {
  requestAnimationFrame(() => setTimeout(async () => {
    try {
      await load(me.dataset.echarts);
      figures.forEach(draw);
    } catch {
      // Without the drawing the table says the same: open it.
      figures.forEach((figure) => { figure.querySelector("details").open = true; figure.querySelector(".canvas").hidden = true; });
    }
  }, 0));
}
