/* Queues: what waits where, and the form by which one takes the best of a region. The chosen region stands in the address. */

import { go, route } from "../../router.js";
import { session } from "../../session.js";
import { say, sayAge } from "../../words.js";
import { html, useEffect, useRef, useState } from "../../ui/html.js";
import { bindKeys } from "../../ui/keys.js";
import { timeOf, useMinute } from "../../ui/values.js";
import { become, useDesk } from "./store.js";
import { hrefOfTip } from "./row.js";
import { claimNext } from "./work.js";

/* The region whose queue is shown: of the address, else all of one's own. */
export function chosenRegion() {
	return route.query.get("region") ?? session.who.region;
}

export function nameOf(queues, region) {
	if (region === session.who.region)
		return say("queues_all");
	return queues.find((one) => one.region === region)?.name || region;
}

function hrefOf(region) {
	const query = new URLSearchParams([...route.query].filter(([name]) => !["region", "tip"].includes(name)));

	if (region !== session.who.region)
		query.set("region", region);
	return query.size > 0 ? `/desk?${query}` : "/desk";
}

function Queue({ queue, name, now }) {
	const oldest = timeOf(queue.oldest);
	const facts = [
		say("held_by_all", { n: queue.held }),
		queue.escalated > 0 ? say("escalated_n", { n: queue.escalated }) : null,
		oldest ? say("oldest", { age: sayAge(now - oldest) }) : null,
		queue.waiting > 0 ? say("best", { n: queue.best }) : null,
	];

	return html`<li><a class="queue" data-region=${queue.region} href=${hrefOf(queue.region)}
		aria-current=${route.path === "/desk" && queue.region === chosenRegion() ? "true" : null}>
		<span class="queue-name">${name}</span>
		<span class="queue-waiting">${say("waiting", { n: queue.waiting })}</span>
		<span class="queue-facts">${facts.filter(Boolean).join(" · ")}</span>
	</a></li>`;
}

/* All of them as one, as the region that is one's own shows it. */
function together(queues) {
	const sum = (name) => queues.reduce((n, queue) => n + queue[name], 0);
	const oldest = queues.map((queue) => timeOf(queue.oldest)).filter((ms) => ms !== null);

	return { region: session.who.region, waiting: sum("waiting"), held: sum("held"), escalated: sum("escalated"),
		oldest: oldest.length > 0 ? Math.min(...oldest) : null, best: Math.max(0, ...queues.filter((queue) => queue.waiting > 0).map((queue) => queue.best)) };
}

function List() {
	const { queues, here } = useDesk();
	const [filter, narrow] = useState("");
	const now = useMinute();
	const shown = queues.filter((queue) => `${queue.name}${queue.region}`.includes(filter.trim()) && queue.region !== session.who.region);

	return html`
		<label for="filter" class="sr">${say("filter")}</label>
		<input id="filter" type="search" autocomplete="off" placeholder=${say("filter")} onInput=${(event) => narrow(event.currentTarget.value)} />
		<ul id="queues" class="queues">
			${queues.length > 0 ? html`<${Queue} key="all" queue=${together(queues)} name=${say("queues_all")} now=${now} />` : null}
			${shown.map((queue) => html`<${Queue} key=${queue.region} queue=${queue} name=${queue.name || queue.region} now=${now} />`)}
			${here && queues.length === 0 ? html`<li class="hint">${say("queues_none")}</li>` : null}
		</ul>`;
}


function Claim() {
	const { queues, claiming, leaseMinutes } = useDesk();
	const form = useRef(null);
	const region = chosenRegion();
	const name = nameOf(queues, region);

	useEffect(() => bindKeys([{ keys: "C", word: "key_claim_next", run: () => form.current.requestSubmit() }]), []);

	async function claim(event) {
		event.preventDefault();
		const { max, wait } = Object.fromEntries(new FormData(form.current));
		const first = await claimNext(region, { name, max: Math.max(1, parseInt(max, 10) || 1), wait: wait === "on" });

		if (first)
			go(hrefOfTip(first.id));
	}

	return html`<form id="claim" class="claim" ref=${form} autocomplete="off" onSubmit=${claim}>
		<p id="claim-region">${say("claim_from", { name })}</p>
		<div class="row">
			<label for="claim-max">${say("how_many")} <input id="claim-max" name="max" type="number" min="1" max="100" defaultValue="1" /></label>
			<label for="claim-lease">${say("lease_minutes")} <input id="claim-lease" type="number" min="1" max="480" value=${leaseMinutes}
				onChange=${(event) => become({ leaseMinutes: Math.min(480, Math.max(1, event.currentTarget.valueAsNumber || 30)) })} /></label>
		</div>
		<label class="check"><input id="claim-wait" name="wait" type="checkbox" /> ${say("wait_for_new")}</label>
		<button type="submit" class="main" id="claim-go" disabled=${claiming !== null}>${say("claim_next")}</button>
		${claiming !== null ? html`<button type="button" class="quiet" id="claim-stop" onClick=${() => claiming.abort()}>${say("stop_waiting")}</button>` : null}
	</form>`;
}

export function Side() {
	return html`<section class="side" aria-labelledby="queues-title">
		<h2 id="queues-title">${say("queues")}</h2>
		<${List} />
		<${Claim} />
	</section>`;
}
