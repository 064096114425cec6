"""Words the demo company is made of."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Final

_FAMILY: Final = (
    "王李张刘陈杨黄赵周吴徐孙马胡朱郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏"
    "吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛阎段雷龙史陶贺毛郝顾龚邵万覃武"
)
_ONE: Final = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚"
_TWO: Final = (
    "秀兰桂英浩然子涵雨桐欣怡梓萱宇轩诗涵佳怡俊杰思远婉清一鸣文博晓燕海燕建国志强雅琴梦洁雪梅"
    "国栋丹丹晨曦若兰鹏飞慧敏春燕立新凤霞泽宇语嫣博文昊天可欣嘉懿明轩天佑瑾瑜"
)
_GIVEN: Final[tuple[str, ...]] = (
    *_ONE,
    *(first + second for first, second in zip(_TWO[::2], _TWO[1::2], strict=True)),
)

CITIES: Final = (
    ("广东", "广州市", "天河区", "体育东路"),
    ("广东", "深圳市", "南山区", "科苑路"),
    ("浙江", "杭州市", "余杭区", "文一西路"),
    ("浙江", "宁波市", "鄞州区", "天童南路"),
    ("江苏", "苏州市", "工业园区", "星湖街"),
    ("江苏", "南京市", "鼓楼区", "中山北路"),
    ("上海", "上海市", "浦东新区", "张杨路"),
    ("上海", "上海市", "徐汇区", "漕溪北路"),
    ("北京", "北京市", "朝阳区", "望京街"),
    ("北京", "北京市", "海淀区", "中关村大街"),
    ("四川", "成都市", "武侯区", "天府大道"),
    ("山东", "青岛市", "市南区", "香港中路"),
    ("河南", "郑州市", "金水区", "花园路"),
    ("湖北", "武汉市", "洪山区", "珞喻路"),
    ("福建", "厦门市", "思明区", "湖滨南路"),
    ("湖南", "长沙市", "岳麓区", "麓山南路"),
    ("安徽", "合肥市", "蜀山区", "潜山路"),
    ("陕西", "西安市", "雁塔区", "小寨东路"),
    ("重庆", "重庆市", "渝北区", "新牌坊"),
    ("辽宁", "大连市", "沙河口区", "西安路"),
)
CARRIERS: Final = ("顺丰速运", "中通快递", "圆通速递", "京东物流", "韵达快递")


@dataclass(frozen=True, slots=True)
class Shelf:
    """One leaf of the catalogue: brands, what is sold, variants, usual price and weight."""

    path: tuple[str, ...]
    brands: tuple[str, ...]
    things: tuple[str, ...]
    variants: tuple[str, ...]
    price: float
    weight_g: int


def _shelf(
    path: str,
    *words: str,
    price: float,
    weight: int,
) -> Shelf:
    brands, things, variants = words
    return Shelf(
        tuple(path.split("/")),
        tuple(brands.split()),
        tuple(things.split()),
        tuple(variants.split("|")),
        price,
        weight,
    )


_SIZES: Final = "黑色 S|黑色 M|黑色 L|米白 S|米白 M|米白 L|燕麦色 M|雾霾蓝 L|焦糖色 M|墨绿 L"
SHELVES: Final = (
    _shelf(
        "服饰/女装",
        "素织 云裳记 木棉巷",
        "圆领羊绒衫 高腰直筒牛仔裤 法式碎花连衣裙 短款羽绒服 纯棉打底衫 西装外套",
        _SIZES,
        price=219,
        weight=480,
    ),
    _shelf(
        "服饰/男装",
        "衡川 北岸 拓原",
        "免烫长袖衬衫 立领夹克 加绒卫衣 商务休闲裤 轻薄羽绒马甲 圆领短袖T恤",
        _SIZES,
        price=189,
        weight=520,
    ),
    _shelf(
        "服饰/童装",
        "小满 豆芽家",
        "儿童冲锋衣 婴儿连体衣 儿童加绒裤 儿童摇粒绒外套",
        "90cm|100cm|110cm|120cm|130cm|140cm",
        price=99,
        weight=300,
    ),
    _shelf(
        "家居/床品",
        "眠里 素棉坊",
        "全棉四件套 羽丝绒冬被 乳胶枕 针织床笠 蚕丝夏凉被",
        "1.5米床 雾霾蓝|1.5米床 奶油白|1.8米床 雾霾蓝|1.8米床 奶油白|1.8米床 豆沙粉|2.0米床 浅灰",
        price=259,
        weight=2600,
    ),
    _shelf(
        "家居/厨具",
        "炊烟 知味 铁匠铺",
        "不粘炒锅 珐琅炖锅 陶瓷餐具套装 玻璃保鲜盒 304不锈钢汤锅 竹木砧板",
        "小号|中号|大号|两件套|四件套",
        price=129,
        weight=1800,
    ),
    _shelf(
        "家居/收纳",
        "归位 简屋",
        "抽屉收纳盒 真空压缩袋 可折叠收纳箱 挂式收纳袋 桌面置物架",
        "白色 小号|白色 大号|透明 三个装|透明 六个装|灰色 两个装",
        price=45,
        weight=900,
    ),
    _shelf(
        "食品/坚果零食",
        "果仁纪 山野集",
        "每日坚果 盐焗开心果 碧根果 夏威夷果 冻干草莓 蔓越莓干 手撕牛肉干",
        "250g|500g|750g 礼盒|30 包装",
        price=69,
        weight=600,
    ),
    _shelf(
        "食品/茶饮",
        "云雾里 半山茶事",
        "西湖龙井 安溪铁观音 正山小种 茉莉花茶 冷泡乌龙茶 菊花枸杞茶",
        "50g 罐装|100g 罐装|250g 礼盒|20 袋泡装",
        price=118,
        weight=350,
    ),
    _shelf(
        "食品/粮油",
        "田禾 老磨坊",
        "五常大米 东北黑木耳 压榨花生油 有机小米 手工挂面 山西陈醋",
        "500g|1kg|2.5kg|5kg",
        price=59,
        weight=2500,
    ),
    _shelf(
        "数码/配件",
        "锐连 极光派",
        "氮化镓充电器 编织数据线 磁吸充电宝 手机支架 蓝牙耳机 机械键盘",
        "黑色|白色|深空灰|冰川蓝",
        price=109,
        weight=260,
    ),
    _shelf(
        "数码/小家电",
        "朗朗 暖屋",
        "便携榨汁杯 空气炸锅 挂烫机 加湿器 电热水壶 桌面暖风机 筋膜枪",
        "奶白|雾绿|珊瑚粉|曜石黑",
        price=199,
        weight=2100,
    ),
    _shelf(
        "美妆个护/护肤",
        "草木间 肌初",
        "氨基酸洁面乳 玻尿酸面膜 维C精华液 保湿乳液 防晒霜 修护眼霜",
        "30ml|50ml|120g|10 片装|两支装",
        price=95,
        weight=220,
    ),
    _shelf(
        "美妆个护/日用",
        "净界 洁家",
        "洗衣凝珠 抽纸 电动牙刷 无硅油洗发水 沐浴露 婴儿湿巾",
        "单瓶|两瓶装|三瓶装|整箱 24 包|家庭装",
        price=56,
        weight=1500,
    ),
)
SERIES: Final = ("", " 升级款", " 礼遇款")  # later series of the same thing
SUPPLIER_PLACES: Final = (
    ("浙江", "杭州"), ("浙江", "义乌"), ("广东", "广州"), ("广东", "深圳"), ("江苏", "苏州"),
    ("福建", "泉州"), ("山东", "青岛"), ("河南", "郑州"), ("上海", "上海"), ("安徽", "合肥"),
)  # fmt: skip
SUPPLIER_TRADES: Final = (
    "织造",
    "服饰",
    "家居用品",
    "厨具",
    "食品",
    "茶业",
    "电子科技",
    "日化",
    "包装",
)
SUPPLIER_WORDS: Final = (
    "恒泰",
    "锦程",
    "瑞丰",
    "佳联",
    "永盛",
    "华诺",
    "新禾",
    "百川",
    "宏图",
    "亿达",
)


def person(draws: Random) -> str:
    """Return a person's name."""
    return draws.choice(_FAMILY) + draws.choice(_GIVEN)


def mobile(draws: Random) -> str:
    """Return eleven digits that look like a mobile number and are none (no network has 128)."""
    return f"128{draws.randrange(10**8):08d}"


def address(draws: Random) -> tuple[str, str]:
    """Return a region and a full address in it."""
    region, city, district, street = draws.choice(CITIES)
    town = city if region + "市" == city else f"{region}省{city}"
    house = f"{draws.randrange(1, 400)}号{draws.randrange(1, 30)}幢{draws.randrange(101, 2804)}室"
    return region, f"{town}{district}{street}{house}"
