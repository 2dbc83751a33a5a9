/*
 * Figures as a picture and, always beside it, as a table: the picture is for the eye alone. What draws is loaded when the
 * first chart is shown. Colours are those of base.css, in light and in dark.
 */

import { say } from "../words.js";
import { html, useEffect, useRef, useState } from "./html.js";
import { Table } from "./table.js";

const dark = matchMedia("(prefers-color-scheme: dark)");

/* series: [{ name, values }], one value a label. */
function Figures({ title, series, labels, head, tell }) {
	const rows = labels.map((label, i) => ({ label, values: series.map((one) => one.values[i]) }));
	const columns = [{ key: "label", word: head, value: (row) => row.label },
		...series.map((one, i) => ({ key: one.name, word: one.name, numeric: true, value: (row) => row.values[i] === null ? "–" : tell(row.values[i]) }))];

	return html`<${Table} caption=${title} columns=${columns} rows=${rows} of=${(row) => row.label} />`;
}

/* Draws anew when the figures or the colours are others; a chart that is gone leaves nothing behind. */
function usePicture(canvas, what) {
	const [failed, fail] = useState(false);
	const [, turn] = useState(0);

	useEffect(() => {
		const again = () => turn((n) => n + 1);

		dark.addEventListener("change", again);
		return () => dark.removeEventListener("change", again);
	}, []);
	useEffect(() => {
		let gone = false;
		let picture = null;

		import("./chart_draw.js").then(({ draw }) => {
			if (!gone)
				picture = draw(canvas.current, what);
		}).catch(() => gone || fail(true));
		return () => {
			gone = true;
			picture?.destroy();
		};
	}, [JSON.stringify([what.kind, what.series, what.labels]), dark.matches]);
	return failed;
}

/*
 * kind: "bars", "stacked", "line" or "timeline"; labels: texts; series: [{ name, values }], name in the reader's words, value a number or null,
 * of a timeline [from, until] in ms;
 * head: the word over the labels; tell(value): how a value is said (sayMoney); table: another table of the same figures.
 */
export function Chart({ kind = "bars", title, series, labels, head = "chart_label", tell = String, table }) {
	const canvas = useRef(null);
	const failed = usePicture(canvas, { kind, series, labels, tell });

	return html`<figure class="chart">
		<figcaption>${title}</figcaption>
		${failed ? html`<p class="hint">${say("chart_failed")}</p>` : html`<div class="chart-box"><canvas ref=${canvas} aria-hidden="true"></canvas></div>`}
		${table ?? html`<${Figures} title=${title} series=${series} labels=${labels} head=${head} tell=${tell} />`}
	</figure>`;
}
