/* What is known of a tip: where and when, why it is worth so much, its files, what was said. */

import { say, sayBytes } from "../../words.js";
import { html, useState } from "../../ui/html.js";
import { attempt, hush, tell } from "../../ui/notices.js";
import { Confirm } from "../../ui/dialog.js";
import { sayWhen, When } from "../../ui/values.js";
import * as api from "./calls.js";

function escalated(tip) {
	return tip.escalated_at ? say("escalated_told", { from: tip.escalated_from, why: say(tip.escalated_why),
		level: say(tip.level), time: sayWhen(tip.escalated_at) }) : "";
}

function held(tip) {
	return tip.hold ? say(tip.hold.lift_asked_by ? "hold_lifting" : "hold_by", { who: tip.hold.by, by: tip.hold.lift_asked_by }) : "";
}

export function Facts({ tip }) {
	const route = tip.route ?? {};
	const sure = typeof route.confidence === "number" ? say("confidence", { n: route.confidence }) : "";
	const rows = [
		["region", [tip.region_name, tip.region].filter(Boolean).join(" · ")],
		["place", tip.place],
		["when", tip.when],
		["category", tip.category && say(tip.category)],
		["level", say(tip.level)],
		["escalated_fact", escalated(tip)],
		["reopens", tip.reopens > 0 && say("times", { n: tip.reopens })],
		["outcome", tip.outcome && say(tip.outcome)],
		["legal_hold", held(tip)],
		["received", html`<${When} at=${tip.received} />`],
		["language", tip.lang],
		["route", [route.why && say(`route_${route.why}`), sure].filter(Boolean).join(" · ")],
	];

	return html`<dl class="facts">${rows.filter(([, value]) => value).map(([word, value]) => html`<dt key="${word}-t">${say(word)}</dt><dd key="${word}-d">${value}</dd>`)}</dl>`;
}

export function Reasons({ tip }) {
	const rows = tip.reasons ?? [];

	return rows.length === 0 ? null : html`<section>
		<h3>${say("why")}</h3>
		<ul class="reasons">${rows.map((reason) => html`<li key=${reason.name}><b>${reason.points > 0 ? `+${reason.points}` : reason.points}</b><span>${reason.text || reason.name}</span></li>`)}</ul>
	</section>`;
}

/* Puts it into the reader's downloads. */
async function save(tip, file, original) {
	const { name, bytes } = await api.file(tip.id, file.number, original);
	const url = URL.createObjectURL(bytes);
	const link = document.createElement("a");

	Object.assign(link, { href: url, download: name });
	link.click();
	setTimeout(() => URL.revokeObjectURL(url), 60000);
}

/* A copy without place, camera and author where there is one; the original only after a word of warning. */
function File({ tip, file }) {
	const [busy, become] = useState(false);
	const [asking, ask] = useState(false);

	async function clean() {
		hush();
		become(true);
		tell(say("downloading"));
		await attempt("download", () => save(tip, file, false));
		tell("");
		become(false);
	}

	return html`<li>
		<span>${file.name || file.number}</span>
		<span class="hint">${[file.type, sayBytes(file.bytes), file.clean ? "" : say("original_only")].filter(Boolean).join(" · ")}</span>
		${file.clean ? html`<button type="button" class="quiet" disabled=${busy} onClick=${clean}>${say("clean_copy")}</button>` : null}
		<button type="button" class="quiet" onClick=${() => ask(true)}>${say("original")}</button>
		${asking ? html`<${Confirm} title=${say("original_title", { name: file.name || file.number })} word="original_take" close=${() => ask(false)} run=${() => save(tip, file, true)}>
			<p>${say("original_warning")}</p>
		<//>` : null}
	</li>`;
}

/* Of the report, or of one message. */
function Attached({ tip, files }) {
	return files.length === 0 ? null : html`
		<p class="hint">${say("file_warning")}</p>
		<ul class="files">${files.map((file) => html`<${File} key=${file.number} tip=${tip} file=${file} />`)}</ul>`;
}

export function Files({ tip }) {
	const files = tip.files ?? [];

	return files.length === 0 ? null : html`<section><h3>${say("files")}</h3><${Attached} tip=${tip} files=${files} /></section>`;
}

export function Messages({ tip }) {
	const rows = tip.messages ?? [];

	return html`<section>
		<h3>${say("messages")}</h3>
		${rows.length === 0 ? html`<p class="hint">${say("messages_none")}</p>` : null}
		<ol class="talk">${rows.map((message, i) => html`<li key=${i} class=${message.from}>
			<p class="who">${[say(`from_${message.from}`), message.by].filter(Boolean).join(" · ")} <span class="at">· <${When} at=${message.at} /></span></p>
			${message.text ? html`<p class="said">${message.text}</p>` : null}
			<${Attached} tip=${tip} files=${message.files ?? []} />
		</li>`)}</ol>
	</section>`;
}
