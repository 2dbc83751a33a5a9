/*
 * The desk: on the left queues and the form to claim, in the middle the page's list, on the right the tip that is open.
 * Which list, which region and which tip stand in the address; the rest is in store.js, and what is done in work.js.
 */

import { addWords, onLanguage, say } from "../../words.js";
import { isWithin, route } from "../../router.js";
import { html, useEffect, useRef } from "../../ui/html.js";
import { useChanges } from "../../ui/live.js";
import { Busy, tell } from "../../ui/notices.js";
import { Pages } from "../../ui/tabs.js";
import { timeOf } from "../../ui/values.js";
import en from "../../words/desk.en.json";
import zh from "../../words/desk.zh-CN.json";
import { leaseEndsSoon } from "./clock.js";
import { DuePage } from "./page_due.js";
import { MinePage } from "./page_mine.js";
import { QueuePage } from "./page_queue.js";
import { SearchPage } from "./page_search.js";
import { Side } from "./queues.js";
import { clear, desk, useDesk } from "./store.js";
import { Tip } from "./tip.js";
import { arrive, changeWords, isMine, refresh } from "./work.js";

addWords({ "zh-CN": zh, en });

const REST_MS = 3000;          /* between two looks at what changed */
const LEASES_EVERY_MS = 5000;

const pages = [
	{ path: "/desk", word: "page_queue", Page: QueuePage },
	{ path: "/desk/mine", word: "held", Page: MinePage },
	{ path: "/desk/due", word: "page_due", Page: DuePage },
	{ path: "/desk/search", word: "page_search", Page: SearchPage },
];

/* At once after a rest; what comes meanwhile is one look at its end. */
function useFollowing() {
	const state = useRef({ at: 0, timer: 0 });

	useChanges(() => {
		const { current } = state;
		const left = current.at + REST_MS - Date.now();

		if (current.timer !== 0)
			return;
		current.timer = setTimeout(() => {
			current.timer = 0;
			current.at = Date.now();
			refresh({ itself: true });
		}, Math.max(0, left));
	});
	useEffect(() => () => clearTimeout(state.current.timer), []);
}

/* Once of each lease that ends soon. */
function warnOfLeases() {
	for (const tip of desk.held) {
		const lease = `${tip.id} ${tip.lease_until}`;

		if (!isMine(tip) || desk.warned.has(lease) || !leaseEndsSoon(timeOf(tip.lease_until), Date.now()))
			continue;
		desk.warned.add(lease);
		tell(say("lease_soon", { id: tip.id }));
	}
}

function useComing() {
	useEffect(() => {
		const timer = setInterval(warnOfLeases, LEASES_EVERY_MS);
		const deaf = onLanguage(changeWords);

		clear();
		arrive();
		return () => {
			clearInterval(timer);
			deaf();
			clear();
			tell("");
		};
	}, []);
}

export default function Desk() {
	const { here } = useDesk();
	const open = route.query.get("tip");
	const page = pages.toReversed().find((one) => isWithin(route.path, one.path));

	useComing();
	useFollowing();
	return html`<div id="desk" class="desk">
		<${Pages} pages=${pages} word="face_desk" />
		<div class="desk-parts ${open ? "with-tip" : ""} ${page.path === "/desk" ? "" : "elsewhere"}">
			<${Side} />
			<section id="list" class="list" aria-label=${say(page.word)}>${here ? html`<${page.Page} key=${page.path} />` : html`<${Busy} />`}</section>
			${open && here ? html`<${Tip} key=${open} id=${open} />` : null}
		</div>
	</div>`;
}
