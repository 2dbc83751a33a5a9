/* What a component hangs on: language, session, address. It is drawn again when one of them changes. */

import { onLanguage } from "../words.js";
import { onRoute } from "../router.js";
import { onSession } from "../session.js";
import { useTold } from "./told.js";

export function useLanguage() {
	useTold(onLanguage);
}

export function useSession() {
	useTold(onSession);
}

export function useRoute() {
	useTold(onRoute);
}
