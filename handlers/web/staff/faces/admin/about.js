/* This process: version, since when, what it does, whether it is ready, and what it warns of. */

import { say } from "../../words.js";
import { html } from "../../ui/html.js";
import { Loaded, useLoad } from "../../ui/load.js";
import { about } from "./calls.js";
import { Facts, Mark, Moment } from "./words.js";

function List({ word, rows, none }) {
	return html`<section class="card" aria-labelledby=${word}><h2 id=${word}>${say(word)}</h2>
		${rows.length > 0 ? html`<ul lang="en">${rows.map((text) => html`<li key=${text}>${text}</li>`)}</ul>` : html`<p class="hint">${say(none)}</p>`}</section>`;
}

export function About() {
	const load = useLoad((signal) => about(signal));

	return html`
		<p><button type="button" onClick=${load.again} disabled=${load.busy}>${say("adm_look_again")}</button></p>
		<${Loaded} of=${load}>${({ version, started, roles, readiness }) => html`
			<section class="card" aria-labelledby="process"><h2 id="process">${say("adm_process")}</h2><${Facts} rows=${[
				["adm_version", version],
				["adm_started", html`<${Moment} at=${started} />`],
				["adm_process_roles", roles.map((role) => say(`adm_part_of_${role}`)).join(", ")],
				["adm_ready", html`<${Mark} as=${readiness.ready ? "well" : "bad"}>${say(readiness.ready ? "adm_ready_yes" : "adm_ready_no")}<//>`],
				["adm_spool", readiness.spool_depth],
			]} /></section>
			<div class="cards"><${List} word="adm_process_faults" rows=${readiness.faults} none="adm_faults_none" />
			<${List} word="adm_warnings" rows=${readiness.warnings} none="adm_warnings_none" /></div>`}<//>`;
}
