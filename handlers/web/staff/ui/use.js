/* What a component hangs on: language, session, address. It is drawn again when one of them changes. */

import { onLanguage } from "../words.js";
import { onRoute } from "../router.js";
import { onSession } from "../session.js";
import { useEffect, useState } from "./html.js";

function useTold(subscribe) {
	const [, draw] = useState(0);

	useEffect(() => subscribe(() => draw((n) => n + 1)), [subscribe]);
}

export function useLanguage() {
	useTold(onLanguage);
}

export function useSession() {
	useTold(onSession);
}

export function useRoute() {
	useTold(onRoute);
}
