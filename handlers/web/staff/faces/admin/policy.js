/* One policy: its text, the difference to the one in force, and bringing it into force by somebody else than its drafter. */

import { session } from "../../session.js";
import { say } from "../../words.js";
import { Confirm } from "../../ui/dialog.js";
import { html, useRef, useState } from "../../ui/html.js";
import { Loaded, useLoad } from "../../ui/load.js";
import { tell } from "../../ui/notices.js";
import { When } from "../../ui/values.js";
import { adoptPolicy, newKey, policies, policy } from "./calls.js";
import { linesBetween } from "./lines.js";
import { inForceOf, PolicyState } from "./policies.js";
import { Facts } from "./words.js";

async function load(hash, signal) {
	const [one, { policies: all }] = await Promise.all([policy(hash, signal), policies(signal)]);
	const inForce = inForceOf(all, one.policy.name);
	const other = inForce && inForce.hash !== one.policy.hash ? await policy(inForce.hash, signal) : null;

	return { one: one.policy, text: String(one.text), inForce, other };
}

const SIGNS = { same: " ", gone: "−", new: "+" };

function Difference({ before, after }) {
	const rows = linesBetween(before, after);
	const changed = rows.filter((row) => row.kind !== "same").length;

	return html`<figure class="difference"><figcaption>${say(changed > 0 ? "adm_difference" : "adm_no_difference", { n: changed })}</figcaption>
		<div class="table-box" tabindex="0" role="region" aria-label=${say("adm_difference_label")}><table class="lines"><tbody>
			${rows.map((row, i) => html`<tr key=${i} class=${row.kind}><td class="numeric hint">${row.line}</td>
				<td class="sign">${row.kind === "same" ? null : html`<span class="sr">${say(`adm_line_${row.kind}`)}</span><span aria-hidden="true">${SIGNS[row.kind]}</span>`}</td>
				<td class="mono text">${row.text}</td></tr>`)}</tbody></table></div></figure>`;
}

function Text({ text }) {
	return html`<div class="table-box" tabindex="0" role="region" aria-label=${say("adm_policy_text")}><pre class="mono policy-text">${text}</pre></div>`;
}

function Adopt({ of, close, done }) {
	const key = useRef(newKey());

	return html`<${Confirm} title=${say("adm_adopt_title", { name: of.name, version: of.version })} word="adm_adopt" close=${close}
		run=${async () => done(await adoptPolicy(of.hash, {}, key.current))}>
		<p>${say("adm_adopt_text")}</p><p class="mono hash">${of.hash}</p><//>`;
}

function MayAdopt({ of, ask }) {
	if (of.adopted)
		return null;
	if (of.drafted_by === session.who?.person)
		return html`<p class="hint" id="own-draft">${say("adm_adopt_another")}</p>`;
	return html`<p><button type="button" class="main" id="adopt" onClick=${ask}>${say("adm_adopt")}</button></p>`;
}

function One({ value, again }) {
	const { one, text, inForce, other } = value;
	const [asking, ask] = useState(false);

	function done() {
		tell(say("adm_adopted_now"));
		again();
	}

	return html`
		<header class="head"><h2>${one.name} ${one.version}</h2>
			<${Facts} rows=${[
				["adm_state", html`<${PolicyState} of=${one} inForce=${inForce?.hash === one.hash} />`],
				["adm_drafted_by", one.drafted_by],
				["adm_adopted_by", one.adopted ? one.adopted_by : null],
				["adm_since", one.since ? html`<${When} at=${one.since} />` : null],
				["adm_hash", html`<span class="mono hash">${one.hash}</span>`],
			]} />
			<${MayAdopt} of=${one} ask=${() => ask(true)} /></header>
		${other ? html`<p>${say("adm_compared", { version: inForce.version })}</p><${Difference} before=${String(other.text)} after=${text} />` : html`<${Text} text=${text} />`}
		${asking ? html`<${Adopt} of=${one} close=${() => ask(false)} done=${done} />` : null}`;
}

export function Policy({ name }) {
	const loading = useLoad((signal) => load(name, signal), [name]);

	return html`<p><a href="/admin/policies">${say("adm_back_policies")}</a></p>
		<${Loaded} of=${loading} what="adm_policies">${(value) => html`<${One} value=${value} again=${loading.again} />`}<//>`;
}
