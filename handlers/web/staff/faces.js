/*
 * The faces: who sees a tab, where it stands, and what is loaded when it is opened. The default export of a face's
 * module is a component that gets { route }. Names of words: face_<name>.
 */

export const faces = [
	{ name: "desk", path: "/desk", key: "d", roles: ["officer", "verifier"], load: () => import("./faces/desk/desk.js") },
	{ name: "money", path: "/money", key: "m", roles: ["proposer", "approver", "finance", "auditor", "cashier"], load: () => import("./faces/money/money.js") },
	{ name: "audit", path: "/audit", key: "a", roles: ["auditor"], load: () => import("./faces/audit/audit.js") },
	{ name: "admin", path: "/admin", key: "s", roles: ["admin", "approver"], load: () => import("./faces/admin/admin.js") },
];
