/*
 * The table of cue words; see cue.h.
 *
 * A row holds all words of one kind. Which row a word stands in is all that
 * matters of it, so that is what a hit means.
 */
#include "daemon/core/text/cue.h"

#include "daemon/base/table.h"

/* clang-format off */
static const struct cue cues[] = {
	/* it happened there */
	{ .side = CUE_BEFORE, .effect = CUE_EVENT, .reach = 6, .words =
	  "在|现在|目前在|藏在|关在|住" },
	{ .side = CUE_BEFORE, .effect = CUE_EVENT, .reach = 9, .words =
	  "位于|现居|现住|暂住|租住|居住|住址|地址|地点|位置|定位|坐标|事发地|案发地|所在地" },
	{ .side = CUE_BEFORE, .effect = CUE_EVENT, .reach = 3, .words =
	  "到|到了|到达|抵达|来到|卖给|嫁给|流落|藏身|藏匿|身处|滞留|被困" },
	{ .side = CUE_BEFORE, .effect = CUE_EVENT, .reach = 5, .words =
	  "in|near|at|around|outside" },
	{ .side = CUE_BEFORE, .effect = CUE_EVENT, .reach = 5, .words =
	  "now in|now at|seen in|seen at|seen near|spotted in|found in|living in|held in|"
	  "lives in|stays in|arrived in|taken to|brought to|sold to|currently in" },
	{ .side = CUE_AFTER, .effect = CUE_EVENT, .reach = 60, .words =
	  "有个|有人|有一|有两|有三|有几|有名|有位|有家|有户|有辆|附近|看到|看见|见到|见过|"
	  "碰到|遇到|碰见|遇见|发现|出现|露面|旁边|对面|门口|一带|这边|这里|境内|辖区|街头|"
	  "乞讨|要饭" },
	{ .side = CUE_AFTER, .effect = CUE_EVENT, .reach = 0, .words =
	  "警方|警察|公安|派出所|本地|当地|市区|城区|郊区|郊外|周边|农村|山区|城里|火车|高铁|"
	  "客运|汽车站|地铁|机场|码头|动车" },
	/* it was there before, or will be, or belongs to there */
	{ .side = CUE_BEFORE, .effect = CUE_ASIDE, .reach = 9, .words =
	  "以前|之前|原来|原先|曾|曾经|早年|小时候|前几年|几年前|年前|去年|前年" },
	{ .side = CUE_BEFORE, .effect = CUE_ASIDE, .reach = 3, .words =
	  "去|往|前往|驶往|赶往|逃往|转往|运往|回|准备到|打算到|离|距离|距|靠近|邻近" },
	{ .side = CUE_BEFORE, .effect = CUE_ASIDE, .reach = 5, .words =
	  "to|towards|bound for|heading for|heading to|on the way to|going to|moved from|"
	  "missing from|disappeared from|abducted from|kidnapped from|taken from|stolen from|"
	  "kidnapped in|went missing in|disappeared in|lost in|used to live in|lived in|"
	  "worked in" },
	{ .side = CUE_AFTER, .effect = CUE_ASIDE, .reach = 24, .words =
	  "走失|失踪|丢失|走丢|被拐|拐走|被骗|被抢|失联|离家|出生|长大|上学|打过工" },
	{ .side = CUE_AFTER, .effect = CUE_ASIDE, .reach = 0, .words =
	  "的孩子|的小孩|的女孩|的男孩|的女人|的男人|的女子|的男子|的姑娘|的人贩|的司机|的车" },
	{ .side = CUE_AFTER, .effect = CUE_ASIDE, .reach = 0, .words =
	  "男子|女子|男人|女人|女孩|男孩|姑娘|小伙|妇女|媳妇|新娘|老太|大妈|大叔|妹子|人贩" },
	/* somebody comes from there */
	{ .side = CUE_BEFORE, .effect = CUE_ORIGIN, .reach = 9, .words =
	  "ip|ip在|ip地址|ip属地|老家|老家在|老家是|籍贯|户籍|户籍地|户籍在|家乡|故乡|娘家|"
	  "归属地|属地|身份证|车牌|牌照" },
	{ .side = CUE_BEFORE, .effect = CUE_ORIGIN, .reach = 6, .words =
	  "祖籍|原籍|户口|户口在|出生|出生于|出生在|生于|自称|自称是|口音|口音像|家在|家是|"
	  "家住" },
	{ .side = CUE_BEFORE, .effect = CUE_ORIGIN, .reach = 3, .words =
	  "来自|像|像是|操|操着|讲|说着|一口" },
	{ .side = CUE_BEFORE, .effect = CUE_ORIGIN, .reach = 0, .words =
	  "从|由|自" },
	{ .side = CUE_BEFORE, .effect = CUE_ORIGIN, .reach = 5, .words =
	  "from|native of|born in|comes from|come from|originally from|hometown is|hometown in|"
	  "home town is|accent of|speaks" },
	{ .side = CUE_AFTER, .effect = CUE_ORIGIN, .reach = 0, .words =
	  "人|爷们|哥们|大哥|大姐|大爷|大娘|同学|朋友|老板|籍|户口|那边的人|那边来的|来的|"
	  "过来的|那边人|话|老乡|户籍|女婿" },
	{ .side = CUE_AFTER, .effect = CUE_ORIGIN, .reach = 6, .words =
	  "口音|方言|牌照|车牌|号牌|身份证|户口本|腔" },
	{ .side = CUE_AFTER, .effect = CUE_ORIGIN, .reach = 1, .words =
	  "accent|dialect|native|natives|plates|license plate|licence plate" },
	/* it was not there */
	{ .side = CUE_BEFORE, .effect = CUE_DENIAL, .reach = 3, .words =
	  "不是|不在|没有去过|没有到过|没有来过|没有在|没有去|从没去过|从未去过|从没到过|"
	  "未去过|没在|没去|没到|不去|不到|未在|并非|而非|不属于|没去过|没来过|不是在|不像" },
	{ .side = CUE_BEFORE, .effect = CUE_DENIAL, .reach = 1, .words =
	  "not in|not from|not at|not near|not" },
	/* the name of a person or a thing follows */
	{ .side = CUE_BEFORE, .effect = CUE_NAME, .reach = 6, .words =
	  "叫|叫做|名叫|外号叫|绰号|艺名|笔名|姓名|名字|名字是|名字叫|网名|昵称|微信名|外号|"
	  "小名|乳名" },
	{ .side = CUE_BEFORE, .effect = CUE_NO_PLACE, .reach = 0, .words =
	  "开往|发往|飞往|寄到|寄往|快递到|邮寄到" },
	/* the bare name is no place */
	{ .side = CUE_AFTER, .effect = CUE_NO_PLACE, .reach = 0, .words =
	  "火锅|羊肉|牛肉|拉面|烤鸭|烤肉|烤串|烤羊|羊汤|大盘鸡|米粉|米线|小吃|小面|烧烤|菜|"
	  "菜馆|料理|板鸭|盐水鸭|咸鸭蛋|鸭|扒鸡|烧鸡|炒鸡|鸡|臭豆腐|豆腐|豆干|麻花|包子|肉夹馍|"
	  "泡馍|凉皮|凉粉|螺蛳粉|牛杂|牛肉面|刀削面|热干面|担担面|炸酱面|烩面|拌面|板面|面馆|"
	  "面条|馕|抓饭|大枣|红枣|苹果|葡萄|蜜桃|水蜜桃|橙子|脐橙|榨菜|泡菜|腊肉|腊肠|香肠|"
	  "火腿|陈醋|老醋|香醋|黄酒|白酒|米酒|啤酒|老窖|大曲|汤包|小笼|生煎|月饼|糕点|煎饼|"
	  "馄饨|大闸蟹|海鲜|肠粉|早茶|奶茶|风味|特色|特产|口味|味道|美食|绿茶|红茶|茶叶|毛尖|"
	  "龙井|白茶|黑茶|大米|毛峰|香梨|梨|高粱|鲜花饼|椰子|枸杞|紫砂|拌粉|饼|面粉|挂面|丝绸|"
	  "刺绣|旗袍|瓷器|菜刀|手撕|辣酱|豆瓣|辣椒" },
	{ .side = CUE_AFTER, .effect = CUE_NO_PLACE, .reach = 0, .words =
	  "大众|通用|现代|奔驰|本田|丰田|福特|吉普|汽车|轿车|五菱|牌|牌子|产|产的|生产|制造|"
	  "时间|银行|证券|保险|航空|卫视|电视台|晚报|日报|晨报|早报|时报|新闻|游戏|梆子|越剧|"
	  "评弹|京剧|昆曲|队|足球|篮球|国安|泰山队|卷烟|烟|香烟|牌香烟|条约|事变|会战|起义|"
	  "保卫战|大捷|模式|经验|户型" },
	{ .side = CUE_AFTER, .effect = CUE_NO_PLACE, .reach = 0, .words =
	  "宾馆|饭店|酒店|大酒店|酒楼|餐厅|餐馆|饭馆|茶馆|大厦|广场|商城|花园|公寓|商会|帮|"
	  "移动|联通|电信|控股|股份|方向|方面|岛图案|是大家|是人类" },
	{ .side = CUE_AFTER, .effect = CUE_NO_PLACE, .reach = 1, .words =
	  "road|street|avenue|lu|jie|rd|hotel|restaurant|duck|noodles|beer|bank|time|opera|"
	  "hot pot|hotpot|airlines|university|style|cuisine|food|dish|dishes" },
	/* longer words that are none of these */
	{ .side = CUE_AFTER, .effect = CUE_NEUTRAL, .reach = 0, .words =
	  "汽车总站|汽车东站|汽车西站|汽车南站|汽车北站|汽车客运|汽车城|梨园|梨树|人民|人行|"
	  "人家|人才|人寿|人社|人和|人工|人数|人员|人口|人流|人大|人保|人均|人力|人武|人多|"
	  "人少|人称|话费|话题|菜市场|菜场|菜园|菜农|牌坊|牌楼|刀口|产业|产业园|队伍|玉米|玉石|"
	  "玉龙|面粉厂|鸡场|鸭场|帮忙|帮助|帮我|烟草|烟雾|烟花|口音像" },
	{ .side = CUE_BEFORE, .effect = CUE_NEUTRAL, .reach = 0, .words =
	  "是不是|要不是|可不是|不是吗|往往|往年|来往|过去|出去|回去|失去|回家|回来|回答|回复|"
	  "从来|从前|从小|从不|从没|由于|自己|自从|自然|自行|自动|好像|图像|录像|像素|操作|"
	  "操场|讲述|不到位|听到|收到|接到|说到|提到|谈到|想到|找到|感到|得到|直到|离开|离婚|"
	  "距今|不在意|实在|正在|存在|内在|住院|住房|住宿" },
};
/* clang-format on */

void cues_add_patterns(struct scan_set *set)
{
	for (uint32_t i = 0; i < COUNT_OF(cues); i++) {
		struct span words = span_of(cues[i].words);
		struct span word;

		while (span_cut(&words, '|', &word))
			scan_set_add(set, SCAN_CUE, i, word);
	}
}

const struct cue *cue_of(const struct scan_hit *hit)
{
	return &cues[hit->meaning];
}
