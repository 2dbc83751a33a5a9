/* A command as it is typed, with a button that copies it. */

import { say } from "../../words.js";
import { html } from "../../ui/html.js";
import { attempt, tell } from "../../ui/notices.js";

export function Command({ id, of }) {
	const copy = () => attempt("au_copy", async () => {
		await navigator.clipboard.writeText(of);
		tell(say("au_copied"));
	});

	return html`<div class="au-command"><pre id=${id} tabindex="0" role="region" aria-label=${`${say("au_command")}: ${of}`}><code>${of}</code></pre>
		<button type="button" onClick=${copy}>${say("au_copy")}</button></div>`;
}
