/*
 * The frame of every page: skip link, tabs of the faces that one's roles open, notices, help; the face itself in <main>.
 * After a move to another page the focus stands on <main>, and the title says where one is.
 */

import { faces } from "../faces.js";
import { go, isWithin, onRoute, route } from "../router.js";
import { hasRole, onSession, resumeNever, resumeNow, session, signOut } from "../session.js";
import { language, say, switchLanguage } from "../words.js";
import { Entry } from "./entry.js";
import { Help } from "./help.js";
import { html, useEffect, useRef, useState } from "./html.js";
import { bindKeys } from "./keys.js";
import { attempt, Busy, hush, ProblemNote, sayProblem, tell, useNotices } from "./notices.js";
import { useLanguage, useRoute, useSession } from "./use.js";

/* Pages beside the faces: one's own, for whoever is in; and one for those who are not. */
const ACCOUNT = { name: "account", path: "/account", load: () => import("../faces/own/account.js") };
const SET_UP = { name: "set_up", path: "/setup", load: () => import("../faces/own/set_up.js") };

/*
 * Where one was and what one was told is for nobody else: who goes leaves the beginning, and who comes after another begins
 * there. A session that ended by itself is gone on with where it was, by the same person. Before anything is drawn.
 */
let last = null;

onSession(() => {
	const { phase, who, ended } = session;

	if (phase === "out") {
		hush();
		tell("");
	}
	if (last !== null && ((phase === "out" && !ended) || (phase === "in" && who.person !== last)))
		go("/", { replace: true });
	last = who?.person ?? last;
});

function myFaces() {
	return faces.filter((face) => hasRole(face.roles));
}

function Tabs() {
	const mine = myFaces();

	return html`<nav class="faces" aria-label=${say("faces")}>${mine.map((face) => html`<a key=${face.name} href=${face.path}
		aria-current=${isWithin(route.path, face.path) ? "page" : null}>${say(`face_${face.name}`)}</a>`)}</nav>`;
}

function Who() {
	const { who, byToken } = session;
	return html`<a class="who-am-i" href=${ACCOUNT.path} aria-current=${route.path === ACCOUNT.path ? "page" : null}
		title=${who.roles.map((role) => say(`role_${role}`)).join(", ")}>
		${[who.name || who.person, who.region, byToken ? say("by_token") : null].filter(Boolean).join(" · ")}</a>`;
}

function Bar({ help }) {
	const here = session.phase === "in";
	const { news } = useNotices();

	return html`<header class=${here ? "bar in" : "bar"}>
		<h1>${say("product")}</h1>
		${here ? html`<${Tabs} />` : null}
		<p class="news" id="news" role="status">${news}</p>
		${here ? html`<${Who} />` : null}
		${here ? html`<button type="button" class="quiet" id="help" onClick=${help}>${say("help_button")}</button>` : null}
		<button type="button" class="quiet" id="language" lang=${language() === "en" ? "zh-CN" : "en"} onClick=${switchLanguage}>${say("other_language")}</button>
		${here ? html`<button type="button" class="quiet" id="sign-out" onClick=${() => attempt("sign_out", () => signOut())}>${say("sign_out")}</button>` : null}
	</header>`;
}

/* The module of a face, loaded once; its component, or why there is none. */
function useFace(face) {
	const [loaded, become] = useState({});

	useEffect(() => {
		let gone = false;

		face.load().then((module) => gone || become({ face, Page: module.default }), (problem) => gone || become({ face, problem }));
		return () => {
			gone = true;
		};
	}, [face]);
	return loaded.face === face ? loaded : {};
}

function FacePage({ face }) {
	const { Page, problem } = useFace(face);

	if (problem)
		return html`<${ProblemNote} what="loading" problem=${problem} />`;
	return Page ? html`<${Page} route=${route} />` : html`<${Busy} />`;
}

function Nothing({ word }) {
	return html`<section class="enter"><h2>${say(word)}</h2></section>`;
}

function Page() {
	const mine = myFaces();
	const face = [...mine, ACCOUNT].find((one) => isWithin(route.path, one.path));

	useEffect(() => {
		if (route.path === "/" && mine.length > 0)
			go(mine[0].path, { replace: true });
	});
	if (face)
		return html`<${FacePage} key=${face.name} face=${face} />`;
	if (mine.length === 0)
		return html`<${Nothing} word="no_face" />`;
	return route.path === "/" ? html`<${Busy} />` : html`<${Nothing} word="no_page" />`;
}

/* While the server does not say whether there is a session: when it is asked again. */
function Waiting() {
	const { problem, until } = session.waiting;
	const [left, count] = useState(0);

	useEffect(() => {
		const look = () => count(Math.max(0, Math.ceil((until - Date.now()) / 1000)));
		const timer = setInterval(look, 1000);

		look();
		return () => clearInterval(timer);
	}, [until]);
	return html`<section class="enter" aria-labelledby="waiting-title">
		<h2 id="waiting-title">${say("resume_title")}</h2>
		<p role="status">${sayProblem("resume", { ...problem, retryAfterS: 0 })}</p>
		<p class="hint">${say("resume_next", { n: left })}</p>
		<p class="row"><button type="button" class="main" onClick=${resumeNow}>${say("resume_now")}</button>
			<button type="button" class="quiet" onClick=${resumeNever}>${say("resume_never")}</button></p>
	</section>`;
}

function Outside() {
	if (session.phase === "asking")
		return session.waiting ? html`<${Waiting} />` : html`<${Busy} />`;
	return route.path === SET_UP.path ? html`<${FacePage} face=${SET_UP} />` : html`<${Entry} setUp=${SET_UP.path} />`;
}

/* Words of the page's language everywhere a reader or a machine looks. */
function useDocument() {
	const face = (session.phase === "in" ? [...faces, ACCOUNT] : [SET_UP]).find((one) => isWithin(route.path, one.path));

	useEffect(() => {
		document.documentElement.lang = language();
		document.title = face ? `${say(`face_${face.name}`)} · ${say("product")}` : say("product");
	});
}

function useShellKeys(help) {
	useEffect(() => session.phase !== "in" ? undefined : bindKeys([
		{ keys: "?", word: "key_help", run: help },
		...myFaces().map((face) => ({ keys: `g ${face.key}`, word: "key_go", get values() {
			return { face: say(`face_${face.name}`) };
		}, run: () => go(face.path) })),
	]), [session.phase, session.who]);
}

function useFocusOnMove(main) {
	useEffect(() => onRoute((moved) => {
		if (!moved)
			return;
		hush();
		main.current?.focus();
	}), []);
}

export function Shell() {
	const [helping, setHelping] = useState(false);
	const main = useRef(null);
	const { alarm } = useNotices();

	useLanguage();
	useSession();
	useRoute();
	useDocument();
	useShellKeys(() => setHelping(true));
	useFocusOnMove(main);
	return html`
		<a class="skip" href="#main" onClick=${() => main.current.focus()}>${say("skip")}</a>
		<${Bar} help=${() => setHelping(true)} />
		${alarm ? html`<p class="alarm" id="alarm" role="alert">${alarm}</p>` : null}
		<main id="main" tabindex="-1" ref=${main}>
			${session.phase === "in" ? html`<${Page} />` : html`<${Outside} />`}
		</main>
		${helping && session.phase === "in" ? html`<${Help} close=${() => setHelping(false)} />` : null}`;
}
