/*
 * Taking an account into use: the setup code from paper and a password of one's own; then the secret of the second
 * factor, shown this once, which a code from the authenticator proves to have arrived: with it one is signed in.
 */

import { post } from "../../api.js";
import { go } from "../../router.js";
import { signInByAccount } from "../../session.js";
import { sayRefused } from "../../ui/entry.js";
import { Form } from "../../ui/form.js";
import { html, useEffect, useRef, useState } from "../../ui/html.js";
import { addWords, say } from "../../words.js";
import en from "../../words/own.en.json";
import zh from "../../words/own.zh-CN.json";
import { QrCode } from "./qr.js";

addWords({ "zh-CN": zh, en });

const first = [
	{ name: "account", word: "account", required: true, autocomplete: "username" },
	{ name: "code", word: "setup_code", hint: "setup_code_hint", required: true },
	{ name: "password", word: "new_password", kind: "password", hint: "password_hint", minlength: 12, required: true, autocomplete: "new-password" },
	{ name: "again", word: "password_again", kind: "password", same: "password", required: true, autocomplete: "new-password" },
];
const token = { name: "token", word: "own_token", kind: "password", hint: "own_token_hint", required: true };
const code = { name: "totp", word: "totp", kind: "code", hint: "totp_hint", required: true };

/* The page's heading takes the focus when a step begins. */
function Title({ word }) {
	const at = useRef(null);

	useEffect(() => at.current.focus(), []);
	return html`<h2 id="step-title" tabindex="-1" ref=${at}>${say(word)}</h2>`;
}

/* done({ account, password, secret, uri }) */
function Choose({ done }) {
	const [paired, ask] = useState(false);

	async function send({ again: _, ...values }) {
		try {
			const made = await post("/api/v1/session/setup", values);

			done({ account: values.account, password: values.password, ...made });
		} catch (problem) {
			ask(paired || problem.code === "own_token_needed");
			throw problem;
		}
	}

	return html`<${Title} word="set_up_title" />
		<p class="hint">${say("set_up_hint")}</p>
		<${Form} id="setup" fields=${paired ? [...first, token] : first} submit="set_up_go" send=${send} sayRefused=${refusedWords} />
		<p class="enter-else"><a href="/">${say("to_sign_in")}</a></p>`;
}

/* Only what has words of its own; the rest is told at its field. */
function refusedWords(problem) {
	return problem.field ? "" : sayRefused(problem);
}

function Secret({ account, secret, uri }) {
	return html`<div class="second-factor">
		<${QrCode} text=${uri} name=${say("qr_name", { account })} />
		<div>
			<p>${say("secret_scan")}</p>
			<p><a href=${uri}>${say("secret_link")}</a></p>
			<p>${say("secret_type")}</p>
			<p class="secret mono" id="secret">${secret.match(/.{4}/g).join(" ")}</p>
		</div>
	</div>`;
}

/* The browser asks before a page goes away whose secret is shown this once. */
function useHold() {
	useEffect(() => {
		const hold = (event) => event.preventDefault();

		addEventListener("beforeunload", hold);
		return () => removeEventListener("beforeunload", hold);
	}, []);
}

function Prove({ made }) {
	const [regions, offer] = useState([]);
	const region = { name: "region", word: "at_region", kind: "choice", required: true, choices: regions.map((value) => ({ value, text: value })) };

	useHold();
	async function send(values) {
		try {
			await signInByAccount({ account: made.account, password: made.password, ...values });
			go("/", { replace: true });
		} catch (problem) {
			if (problem.code === "region_needed")
				offer(problem.detail.match(/\b[0-9]{6}\b/g) ?? []);
			throw problem;
		}
	}

	return html`<${Title} word="prove_title" />
		<p class="alarm">${say("secret_once")}</p>
		<${Secret} ...${made} />
		<p class="hint">${say("prove_hint")}</p>
		<${Form} id="prove" fields=${regions.length > 0 ? [code, region] : [code]} submit="prove_go" send=${send} sayRefused=${sayRefused} />`;
}

export default function SetUp() {
	const [made, keep] = useState(null);

	return html`<section class="enter wide" aria-labelledby="step-title">
		${made ? html`<${Prove} key="prove" made=${made} />` : html`<${Choose} key="choose" done=${keep} />`}
	</section>`;
}
