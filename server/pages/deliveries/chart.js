/** Failures over time, as stacked bars. The same figures stand in a table, so nothing is here alone. */

/** @typedef {import("uplot")} UPlot */

/**
 * @typedef {object} Group
 * @property {string} name
 * @property {string | null} value what a list is filtered by; null for the others together
 * @property {number[]} series
 * @property {number} count
 */

/**
 * @typedef {object} Plot
 * @property {HTMLElement} element
 * @property {(from: number, bucket: number, groups: Group[]) => void} show
 * @property {() => void} remove
 */

/** Loaded by the page as a script of its own. @returns {typeof import("uplot") | undefined} */
const library = () =>
  /** @type {{uPlot?: typeof import("uplot")}} */ (/** @type {unknown} */ (globalThis)).uPlot;

const HEIGHT = 220;

/**
 * @param {HTMLElement} element where it goes
 * @param {{chosen: (group: Group, from: number, to: number) => void, read: (words: string) => void, say: (group: Group, index: number) => string, name: (seconds: number) => string}} how
 * @returns {Plot}
 */
export function barChart(element, { chosen, read, say, name }) {
  /** @type {UPlot | undefined} */
  let plot;
  /** @type {{from: number, bucket: number, groups: Group[]} | undefined} */
  let shown;

  const resized = new ResizeObserver(() =>
    plot?.setSize({ width: element.clientWidth, height: HEIGHT }),
  );
  resized.observe(element);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  dark.addEventListener("change", draw);

  /** The group and bucket under the pointer. @param {UPlot} at */
  function under(at) {
    const { idx, top } = at.cursor;
    if (typeof idx !== "number" || !shown || top === undefined) return null;
    const height = at.posToVal(top, "y");
    // The lowest of the stack that reaches up to the pointer.
    let reached = 0;
    for (const group of shown.groups) {
      reached += group.series[idx] ?? 0;
      if (height <= reached && (group.series[idx] ?? 0) > 0) return { group, idx };
    }
    return null;
  }

  function draw() {
    const uPlot = library();
    plot?.destroy();
    plot = undefined;
    if (!uPlot || !shown) return;
    const { bucket, groups } = shown;
    const style = getComputedStyle(element);
    const color = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
    const bars = uPlot.paths.bars?.({ size: [0.86, 48], align: 1 });
    const axis = {
      stroke: color("--text-quiet"),
      font: `12px ${color("--sans")}`,
      grid: { stroke: color("--line"), width: 1 },
      ticks: { show: false },
    };
    plot = new uPlot(
      {
        width: element.clientWidth || 600,
        height: HEIGHT,
        legend: { show: false },
        cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
        padding: [8, 24, 0, 0],
        scales: {
          x: { range: (_, min, max) => [min, max + bucket] },
          y: { range: (_, __, max) => [0, Math.max(max, 4)] },
        },
        axes: [
          { ...axis, grid: { show: false }, size: 30, values: (_, splits) => splits.map(name) },
          {
            ...axis,
            size: 44,
            incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5],
          },
        ],
        // The whole stack first, so that each lower part is drawn over it.
        series: [
          {},
          ...groups.map((_, index) => ({
            ...(bars ? { paths: bars } : {}),
            fill: color(`--chart-${groups.length - index}`),
            width: 0,
            points: { show: false },
          })),
        ],
        hooks: {
          setCursor: [
            (at) => {
              const found = under(at);
              at.over.classList.toggle("on-bar", found !== null);
              read(found ? say(found.group, found.idx) : "");
            },
          ],
          ready: [
            (at) =>
              at.over.addEventListener("click", () => {
                const found = under(at);
                if (!found || !shown) return;
                const from = shown.from + found.idx * shown.bucket;
                chosen(found.group, from, from + shown.bucket);
              }),
          ],
        },
      },
      stacked(),
      element,
    );
  }

  /** @returns {import("uplot").AlignedData} */
  function stacked() {
    if (!shown) return [[]];
    const { from, bucket, groups } = shown;
    const length = groups[0]?.series.length ?? 0;
    const x = Array.from({ length }, (_, index) => from + index * bucket);
    let below = /** @type {number[]} */ (new Array(length).fill(0));
    const layers = groups.map(({ series }) => {
      below = below.map((sum, index) => sum + (series[index] ?? 0));
      return below;
    });
    return [x, ...layers.reverse()];
  }

  return {
    element,
    show(from, bucket, groups) {
      const isSame =
        plot &&
        shown?.bucket === bucket &&
        shown.groups.length === groups.length &&
        shown.groups.every((group, index) => group.name === groups[index]?.name);
      shown = { from, bucket, groups };
      if (isSame && plot) plot.setData(stacked());
      else draw();
    },
    remove() {
      resized.disconnect();
      dark.removeEventListener("change", draw);
      plot?.destroy();
    },
  };
}
