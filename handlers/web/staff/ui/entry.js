/*
 * Coming in: with account, password and code of the second factor, or with a token. A region is asked for when the
 * server says that the roles hold at several; what was typed stays until then.
 */

import { session, signInByAccount, signInByToken } from "../session.js";
import { known, say } from "../words.js";
import { html, useEffect, useRef, useState } from "./html.js";
import { sayProblem } from "./notices.js";

function Field({ name, word, hint, ...more }) {
	return html`<p>
		<label for=${name}>${say(word)}</label>
		${hint ? html`<span class="hint" id="${name}-hint">${say(hint)}</span>` : null}
		<input id=${name} name=${name} required autocapitalize="none" aria-describedby=${hint ? `${name}-hint` : null} ...${more} />
	</p>`;
}

function Region({ regions }) {
	return html`<p>
		<label for="region">${say("at_region")}</label>
		<select id="region" name="region" required>${regions.map((code) => html`<option value=${code}>${code}</option>`)}</select>
	</p>`;
}

function ByAccount({ regions }) {
	return html`
		<${Field} name="account" word="account" autocomplete="username" />
		<${Field} name="password" word="password" type="password" autocomplete="current-password" />
		<${Field} name="totp" word="totp" hint="totp_hint" inputmode="numeric" pattern="[0-9]{6}" maxlength="6" autocomplete="one-time-code" />
		${regions.length > 0 ? html`<${Region} regions=${regions} />` : null}`;
}

function ByToken() {
	return html`<${Field} name="token" word="token" hint="token_hint" type="password" autocomplete="off" />`;
}

/* What a refusal says to one who comes in; a 401 is no word about who it was. */
export function sayRefused(problem) {
	const own = `entry_${problem.code}`;
	return known(own) ? say(own, { n: problem.retryAfterS }) : sayProblem("enter", problem);
}

/* setUp: where one with a setup code goes. */
export function Entry({ setUp }) {
	const [by, choose] = useState("account");
	const [regions, offer] = useState([]);
	const [refused, refuse] = useState(null);
	const [busy, setBusy] = useState(false);
	const form = useRef(null);

	useEffect(() => form.current.querySelector("input").focus(), [by]);
	useEffect(() => form.current.querySelector("select")?.focus(), [regions]);

	async function enter(event) {
		event.preventDefault();
		const fields = Object.fromEntries(new FormData(form.current));

		setBusy(true);
		refuse(null);
		try {
			await (by === "token" ? signInByToken(fields.token.trim()) : signInByAccount(fields));
		} catch (problem) {
			if (problem.code === "region_needed")
				offer(problem.detail.match(/\b[0-9]{6}\b/g) ?? []);
			refuse(problem);
			setBusy(false);
		}
	}

	function turn() {
		offer([]);
		refuse(null);
		choose(by === "account" ? "token" : "account");
	}

	return html`<section class="enter" aria-labelledby="enter-title">
		<h2 id="enter-title">${say(by === "account" ? "enter_by_account" : "enter_by_token")}</h2>
		${session.ended && !refused ? html`<p class="alarm" role="alert">${say("session_ended")}</p>` : null}
		${refused ? html`<p class="alarm" role="alert">${sayRefused(refused)}</p>` : null}
		<form ref=${form} key=${by} onSubmit=${enter} aria-busy=${busy}>
			${by === "account" ? html`<${ByAccount} regions=${regions} />` : html`<${ByToken} />`}
			<p class="row">
				<button type="submit" class="main" disabled=${busy}>${say("enter")}</button>
				<button type="button" class="quiet" onClick=${turn}>${say(by === "account" ? "use_token" : "use_account")}</button>
			</p>
		</form>
		<p class="enter-else"><a href=${setUp}>${say("have_setup_code")}</a></p>
	</section>`;
}
