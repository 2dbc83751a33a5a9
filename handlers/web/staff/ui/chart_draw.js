/* Drawing on a canvas by Chart.js, with the few parts of it that are needed; loaded by chart.js when a chart is shown. */

import { BarController, BarElement, CategoryScale, Chart, Filler, Legend, LinearScale, LineController, LineElement,
	PointElement, Tooltip } from "chart.js";
import { language } from "../words.js";

Chart.register(BarController, BarElement, CategoryScale, Filler, Legend, LinearScale, LineController, LineElement, PointElement, Tooltip);

const SERIES = ["--series-1", "--series-2", "--series-3", "--series-4", "--series-5", "--series-6"];
const DASHES = [[], [8, 4], [2, 3], [10, 3, 2, 3], [5, 5], [1, 4]];   /* lines differ without their colours, too */

function colour(name) {
	return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function dataset({ name, values }, i, kind) {
	const own = colour(SERIES[i % SERIES.length]);

	return { label: name, data: values, backgroundColor: own, borderColor: kind === "line" ? own : colour("--card"), borderWidth: kind === "line" ? 2 : 1,
		borderDash: kind === "line" ? DASHES[i % DASHES.length] : [], pointRadius: 2, maxBarThickness: 48, minBarLength: kind === "timeline" ? 4 : 0 };
}

function axis(more) {
	return { grid: { color: colour("--line") }, border: { color: colour("--edge") }, ticks: { color: colour("--ink") }, ...more };
}

const DAY_MS = 86400000;

/* As short as it can be told apart: whole times stand in the table. */
function sayTick(ms, span) {
	return new Date(ms).toLocaleString(language(), span < 2 * DAY_MS ? { hour: "2-digit", minute: "2-digit", hour12: false } : { month: "2-digit", day: "2-digit" });
}

/* Times to the right, what lasted from one to another below each other. */
function timeAxes({ series }) {
	const times = series.flatMap((one) => one.values.flat());
	const [min, max] = [Math.min(...times), Math.max(...times) + 1];

	return { x: axis({ min, max, ticks: { color: colour("--ink"), maxTicksLimit: 4, maxRotation: 0, callback: (value) => sayTick(value, max - min) } }), y: axis({}) };
}

function valueAxes({ kind, tell }) {
	const stacked = kind === "stacked";

	return { x: axis({ stacked }), y: axis({ stacked, beginAtZero: true, ticks: { color: colour("--ink"), callback: (value) => Number.isInteger(value) ? tell(value) : "" } }) };
}

function options({ kind, series, tell }) {

	return {
		responsive: true,
		maintainAspectRatio: false,
		animation: matchMedia("(prefers-reduced-motion: reduce)").matches ? false : { duration: 200 },
		indexAxis: kind === "timeline" ? "y" : "x",
		scales: kind === "timeline" ? timeAxes({ series }) : valueAxes({ kind, tell }),
		plugins: {
			legend: { display: series.length > 1, labels: { color: colour("--ink"), usePointStyle: true, pointStyle: kind === "line" ? "line" : "rect" } },
			tooltip: { callbacks: { label: (item) => `${item.dataset.label}: ${tell(item.raw)}` } },
		},
	};
}

/* Gives the chart; destroy() ends it. */
export function draw(canvas, what) {
	return new Chart(canvas, {
		type: what.kind === "line" ? "line" : "bar",
		data: { labels: what.labels, datasets: what.series.map((one, i) => dataset(one, i, what.kind)) },
		options: options(what),
	});
}
