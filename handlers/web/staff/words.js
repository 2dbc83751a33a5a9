/*
 * What the desk says, in two languages. A row is complete: both languages stand
 * in it, so none can be forgotten.
 */

const words = {
	desk: ["线索工作台", "Tip desk"],
	other_language: ["English", "中文"],
	sign_out: ["退出", "Sign out"],
	token: ["访问令牌", "Access token"],
	token_hint: ["令牌只保存在本页内存中，刷新或关闭后需要重新输入。", "It is kept in this page's memory only; reload or close, and it is gone."],
	enter: ["进入", "Enter"],
	queues: ["队列", "Queues"],
	queues_none: ["没有您可以看的队列。", "There are no queues for you."],
	filter: ["按地区查找", "Find a region"],
	waiting: ["等待 {n}", "{n} waiting"],
	held_by_all: ["处理中 {n}", "{n} held"],
	oldest: ["最早 {age}", "oldest {age}"],
	best: ["最高 {n} 分", "best {n}"],
	how_many: ["条数", "Tips"],
	lease_minutes: ["时限（分）", "Minutes"],
	wait_for_new: ["没有线索时等待", "Wait when there is none"],
	claim: ["领取", "Claim"],
	claim_from: ["从 {name} 领取", "Claim from {name}"],
	claim_choose: ["先选择一个队列", "Choose a queue first"],
	stop_waiting: ["不等了", "Stop waiting"],
	waiting_for: ["正在等待 {name} 的新线索……", "Waiting for a tip in {name}…"],
	claimed: ["领取了 {n} 条", "{n} claimed"],
	claimed_none: ["现在没有等待的线索", "Nothing is waiting there"],
	held: ["我手里的线索", "My tips"],
	held_none: ["手里没有线索。选择队列，然后领取。", "You hold no tips. Choose a queue and claim some."],
	keys: ["j 下一条 · k 上一条 · o 打开 · i 同一事件", "j next · k previous · o open · i incident"],
	choose: ["选一条线索查看。", "Choose a tip to read."],
	untitled: ["（没有文字）", "(no text)"],

	immediate: ["立即", "Immediate"],
	urgent: ["紧急", "Urgent"],
	standard: ["一般", "Standard"],
	low: ["较低", "Low"],
	points: ["{n} 分", "{n} points"],
	queued: ["等待处理", "Waiting"],
	claimed_state: ["处理中", "Held"],
	verified: ["已核实", "Verified"],
	closed: ["已办结", "Closed"],
	transferred: ["已转交", "Passed on"],
	erased: ["已到期删除", "Deleted when its time was over"],

	lease_left: ["还剩 {time}", "{time} left"],
	lease_over: ["时限已过", "Lease ended"],
	lease_soon: ["{id} 的时限快到了", "The lease of {id} ends soon"],
	place: ["地点", "Place"],
	when: ["时间", "When"],
	category: ["关于", "About"],
	child: ["儿童", "A child"],
	woman: ["妇女", "A woman"],
	missing: ["像失踪的人", "Looks like a missing person"],
	other: ["其他", "Something else"],
	region: ["地区", "Region"],
	received: ["收到", "Received"],
	language: ["语言", "Language"],
	route: ["分派依据", "Why here"],
	confidence: ["把握 {n}%", "{n}% sure"],
	why: ["评分依据", "Why this score"],
	text: ["内容", "Text"],
	files: ["文件", "Files"],
	download: ["下载", "Download"],
	clean_copy: ["洁净副本", "Clean copy"],
	original: ["原件", "Original"],
	original_only: ["仅有原件：可能含有拍摄地点、设备和作者信息", "original only: may tell place, device and author"],
	downloading: ["正在下载……", "Downloading…"],
	file_warning: ["文件来自陌生人，请在隔离环境中打开。", "Files come from strangers: open them in isolation."],
	messages: ["消息和备注", "Messages and notes"],
	messages_none: ["还没有。", "None yet."],
	from_bureau: ["我方", "Us"],
	from_informant: ["线索人", "Informant"],
	from_note: ["内部备注", "Note"],

	incident: ["同一事件", "The same incident"],
	incident_tips: ["{n} 条线索", "{n} tips"],
	incident_more: ["还有更多", "and more"],
	incident_first: ["最早", "First"],
	incident_this: ["本条", "This one"],
	incident_copy: ["副本", "Copy"],
	incident_sure: ["把握 {n}%", "{n}% sure"],
	incident_far: ["不在您的地区，内容不显示。", "Outside your region: its words are not shown."],
	incident_sealed: ["这里没有打开它的密钥。", "There is no key for its words here."],
	incident_linked: ["归入依据：", "Belongs here: "],
	incident_moved: ["随转交带来", "It came along with a transfer"],
	split: ["移出", "Take it out"],
	suggestions: ["可能是同一事件", "Perhaps the same incident"],
	suggestions_hint: ["由您决定。按 i 到这里，然后 y 是 · n 不是", "For you to decide. i comes here; then y yes · n no"],
	suggestion_of: ["与 {id} 相比", "Held against {id}"],
	suggestion_look: ["查看", "Show"],
	suggestion_yes: ["是同一事件", "The same"],
	suggestion_no: ["不是", "Not the same"],

	actions: ["处理", "Actions"],
	renew: ["延长时限", "Renew"],
	release: ["放回队列", "Release"],
	transfer: ["转交", "Transfer"],
	message: ["给线索人留言", "Message"],
	note: ["内部备注", "Note"],
	verify: ["核实结论", "Verify"],
	close: ["办结", "Close"],
	reopen: ["重新打开", "Reopen"],
	link: ["归入同一事件", "Same incident as…"],
	unlink: ["移出事件", "Take it out of the incident"],
	decline: ["不是同一事件", "Not the same incident"],
	other_tip: ["另一条线索的编号", "Id of the other tip"],
	to_region: ["转到地区（六位代码）", "To region (six digits)"],
	reason: ["理由", "Reason"],
	message_text: ["留言，线索人凭编号可以看到", "Message, read by the informant with the code"],
	note_text: ["备注，只有同事可以看到", "Note, read by colleagues only"],
	verdict: ["结论", "Verdict"],
	outcome: ["结果", "Outcome"],
	note_optional: ["说明（可不填）", "Note (optional)"],
	unfounded: ["不属实", "Unfounded"],
	duplicate: ["重复线索", "Duplicate"],
	insufficient: ["信息不足", "Too little to act on"],
	referred: ["已移交其他部门", "Referred elsewhere"],
	prank: ["恶作剧", "Prank"],
	do_it: ["确定", "Do it"],
	cancel: ["取消", "Cancel"],
	done: ["{what}：完成", "{what}: done"],
	escalated_list: ["已转到上级的线索", "Passed to the level above"],
	escalated_hint: ["可以查看和写备注，办理由上级进行。", "You may read them and write notes; the level above works on them."],
	escalated_n: ["已上转 {n}", "{n} passed up"],
	escalated_fact: ["上转", "Passed up"],
	escalated_told: ["{from} 起，{why}，{time} 转到{level}", "from {from}, {why}, to the {level} on {time}"],
	escalates_in: ["{time} 后上转（{why}）", "passes up in {time} ({why})"],
	escalates_now: ["即将上转（{why}）", "about to pass up ({why})"],
	age: ["已收到 {age}", "{age} old"],
	unopened: ["无人查看", "unopened"],
	unanswered: ["未答复", "unanswered"],
	stalled: ["无进展", "stalled"],
	level: ["级别", "Level"],
	nation: ["国家", "nation"],
	province: ["省级", "province"],
	prefecture: ["市级", "prefecture"],
	county: ["县级", "county"],
	reopens: ["线索人要求重办", "Reopened by the informant"],
	times: ["{n} 次", "{n} times"],
	renewed_until: ["时限延长到 {time}", "Renewed until {time}"],

	problem: ["{what}失败", "{what} failed"],
	problem_401: ["令牌无效或已过期", "The token is not valid any more"],
	problem_403: ["您没有这个权限", "You may not do this"],
	problem_404: ["没有找到", "Not found"],
	problem_409: ["线索的状态已经改变，请刷新后再看", "The tip has changed meanwhile"],
	problem_429: ["请求太频繁，请稍等", "Too many requests: wait a little"],
	problem_503: ["系统暂时不可用", "The system is unavailable for now"],
	offline: ["连不上服务器", "The server cannot be reached"],
	loading: ["读取", "Loading"],
	days: ["{n} 天", "{n} d"],
	hours: ["{n} 小时", "{n} h"],
	minutes: ["{n} 分钟", "{n} min"],
};

let column = navigator.language.toLowerCase().startsWith("zh") ? 0 : 1;

export function language() {
	return column === 0 ? "zh-CN" : "en";
}

export function switchLanguage() {
	column = 1 - column;
}

/* The words of that name; {key} is filled in from `values`. An unknown name stands for itself. */
export function say(name, values = {}) {
	const row = Object.hasOwn(words, name) ? words[name] : [name, name];
	return row[column].replace(/\{(\w+)\}/g, (_, key) => String(values[key] ?? ""));
}

export function known(name) {
	return Object.hasOwn(words, name);
}

export function sayAge(ms) {
	const minutes = Math.max(0, Math.floor(ms / 60000));
	if (minutes < 60)
		return say("minutes", { n: minutes });
	if (minutes < 48 * 60)
		return say("hours", { n: Math.floor(minutes / 60) });
	return say("days", { n: Math.floor(minutes / 1440) });
}

export function sayBytes(bytes) {
	if (bytes < 1024)
		return `${bytes} B`;
	if (bytes < 1024 * 1024)
		return `${(bytes / 1024).toFixed(0)} KiB`;
	return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}
