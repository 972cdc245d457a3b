"""The words of the simulated shop: vocabularies in English and Chinese, and texts.

All names are invented. Each list keeps one spelling of a value and none holds a
placeholder, so that a text made here breaks no rule. The functions take Arrow arrays
of words, one element per row, and give an array of texts.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.random import Generator

# Two lines a leaf: path, usual price in EUR, month of most sales, kind of option;
# then English nouns, Chinese nouns, sizes.
_LEAVES = """
Electronics > Audio > Headphones | 90 | 12 | colour
    wireless headphones; studio headphones | 无线耳机; 录音耳机 | 30 mm; 40 mm; 50 mm
Electronics > Audio > Speakers | 120 | 12 | colour
    bluetooth speaker; bookshelf speaker | 蓝牙音箱; 书架音箱 | 10 W; 20 W; 60 W
Electronics > Audio > Microphones | 70 | 10 | colour
    desk microphone; clip-on microphone | 桌面麦克风; 领夹麦克风 | mono; stereo
Electronics > Computers > Laptops | 950 | 9 | colour
    thin laptop; gaming laptop | 轻薄笔记本; 游戏笔记本 | 13 inch; 15 inch; 17 inch
Electronics > Computers > Keyboards | 75 | 11 | colour
    mechanical keyboard; slim keyboard | 机械键盘; 紧凑键盘 | 61 keys; 87 keys; 104 keys
Electronics > Computers > Monitors | 260 | 11 | colour
    office monitor; curved monitor | 办公显示器; 曲面显示器 | 24 inch; 27 inch; 32 inch
Electronics > Phones > Smartphones | 540 | 11 | colour
    smartphone; rugged smartphone | 智能手机; 三防手机 | 128 GB; 256 GB; 512 GB
Electronics > Phones > Phone Cases | 22 | 11 | colour
    leather phone case; clear phone case | 皮质手机壳; 透明手机壳 | 6.1 inch; 6.7 inch
Electronics > Phones > Chargers | 30 | 7 | colour
    fast charger; travel charger | 快速充电器; 旅行充电器 | 20 W; 45 W; 65 W
Home > Kitchen > Kettles | 45 | 1 | colour
    electric kettle; gooseneck kettle | 电热水壶; 细嘴壶 | 0.8 l; 1.2 l; 1.7 l
Home > Kitchen > Knives | 55 | 12 | colour
    chef knife; bread knife | 主厨刀; 面包刀 | 15 cm; 20 cm; 24 cm
Home > Kitchen > Pans | 48 | 12 | colour
    frying pan; sauce pan | 平底锅; 奶锅 | 20 cm; 24 cm; 28 cm
Home > Kitchen > Coffee Makers | 160 | 12 | colour
    espresso machine; filter coffee maker | 意式咖啡机; 滴滤咖啡机 | 0.6 l; 1.0 l; 1.5 l
Home > Bedroom > Duvets | 110 | 11 | colour
    down duvet; summer duvet | 羽绒被; 夏凉被 | 135 cm; 155 cm; 220 cm
Home > Bedroom > Pillows | 38 | 2 | colour
    memory foam pillow; feather pillow | 记忆棉枕; 羽毛枕 | 40 cm; 60 cm; 80 cm
Home > Bedroom > Lamps | 42 | 11 | colour
    bedside lamp; reading lamp | 床头灯; 阅读灯 | 5 W; 8 W; 12 W
Home > Cleaning > Detergents | 9 | 4 | variety
    laundry detergent; dish soap | 洗衣液; 洗洁精 | 500 ml; 1 l; 2 l
Home > Cleaning > Vacuum Cleaners | 230 | 4 | colour
    cordless vacuum cleaner; robot vacuum | 无线吸尘器; 扫地机器人 | 0.4 l; 0.6 l
Fashion > Women > Dresses | 65 | 5 | colour
    linen dress; evening dress | 亚麻连衣裙; 晚礼服 | S; M; L
Fashion > Women > Handbags | 95 | 3 | colour
    leather handbag; canvas tote | 真皮手提包; 帆布托特包 | small; medium; large
Fashion > Men > Shirts | 40 | 5 | colour
    oxford shirt; linen shirt | 牛津衬衫; 亚麻衬衫 | M; L; XL
Fashion > Men > Jackets | 130 | 10 | colour
    rain jacket; down jacket | 冲锋衣; 羽绒服 | M; L; XL
Fashion > Shoes > Sneakers | 85 | 3 | colour
    running shoes; canvas sneakers | 跑步鞋; 帆布鞋 | 38; 40; 42; 44
Fashion > Shoes > Boots | 120 | 10 | colour
    hiking boots; ankle boots | 登山靴; 短靴 | 38; 40; 42; 44
Fashion > Shoes > Sandals | 35 | 6 | colour
    beach sandals; leather sandals | 沙滩凉鞋; 皮凉鞋 | 38; 40; 42
Beauty > Skin Care > Face Creams | 28 | 1 | variety
    face cream; night cream | 面霜; 晚霜 | 30 ml; 50 ml; 75 ml
Beauty > Skin Care > Sunscreens | 18 | 6 | variety
    sunscreen lotion; sunscreen spray | 防晒乳; 防晒喷雾 | 50 ml; 100 ml; 200 ml
Beauty > Hair > Shampoos | 12 | 3 | variety
    volume shampoo; mild shampoo | 丰盈洗发水; 温和洗发水 | 250 ml; 400 ml; 750 ml
Beauty > Hair > Hair Dryers | 60 | 12 | colour
    ionic hair dryer; travel hair dryer | 负离子吹风机; 旅行吹风机 | 1200 W; 1800 W
Sports > Fitness > Yoga Mats | 32 | 1 | colour
    yoga mat; travel yoga mat | 瑜伽垫; 便携瑜伽垫 | 3 mm; 5 mm; 8 mm
Sports > Fitness > Dumbbells | 46 | 1 | colour
    rubber dumbbell; adjustable dumbbell | 包胶哑铃; 可调哑铃 | 2 kg; 5 kg; 10 kg
Sports > Outdoor > Tents | 180 | 6 | colour
    dome tent; tunnel tent | 圆顶帐篷; 隧道帐篷 | 2 persons; 3 persons; 4 persons
Sports > Outdoor > Sleeping Bags | 110 | 6 | colour
    down sleeping bag; summer sleeping bag | 羽绒睡袋; 夏季睡袋 | 180 cm; 200 cm
Sports > Outdoor > Backpacks | 88 | 5 | colour
    hiking backpack; day backpack | 登山背包; 日用背包 | 20 l; 35 l; 55 l
Grocery > Drinks > Coffee | 14 | 11 | variety
    ground coffee; coffee beans | 咖啡粉; 咖啡豆 | 250 g; 500 g; 1 kg
Grocery > Drinks > Tea | 11 | 1 | variety
    green tea; black tea | 绿茶; 红茶 | 50 g; 100 g; 250 g
Grocery > Drinks > Juices | 5 | 6 | variety
    apple juice; carrot juice | 苹果汁; 胡萝卜汁 | 330 ml; 750 ml; 1 l
Grocery > Snacks > Nuts | 8 | 12 | variety
    roasted almonds; mixed nuts | 烤杏仁; 混合坚果 | 100 g; 200 g; 500 g
Grocery > Snacks > Chocolate | 6 | 12 | variety
    dark chocolate; milk chocolate | 黑巧克力; 牛奶巧克力 | 80 g; 100 g; 200 g
Toys > Games > Puzzles | 21 | 12 | colour
    jigsaw puzzle; wooden puzzle | 拼图; 木质拼图 | 100 pieces; 500 pieces
Toys > Games > Board Games | 34 | 12 | colour
    board game; card game | 桌游; 纸牌游戏 | 2 players; 4 players; 6 players
"""


def _leaves() -> Iterator[dict[str, Any]]:
    """Read the table of leaf categories: one dict a leaf, its words as lists."""
    lines = _LEAVES.strip().splitlines()
    for first, second in zip(lines[::2], lines[1::2], strict=True):
        path, price, month, kind = first.split(" | ")
        words = (field.split("; ") for field in second.strip().split(" | "))
        nouns, chinese_nouns, sizes = words
        yield {
            "path": path,
            "price": float(price),
            "month": int(month),
            "kind": kind,
            "nouns": nouns,
            "chinese_nouns": chinese_nouns,
            "sizes": sizes,
        }


LEAVES = tuple(_leaves())

# Two nouns and four sizes of each leaf: codes 2 * leaf + {0, 1} and 4 * leaf + {0..3}.
NOUNS = [noun for leaf in LEAVES for noun in leaf["nouns"]]
CHINESE_NOUNS = [noun for leaf in LEAVES for noun in leaf["chinese_nouns"]]
SIZES = [size for leaf in LEAVES for size in (leaf["sizes"] * 2)[:4]]

# The Chinese brands stand last: they sell most products with a Chinese title.
ENGLISH_BRANDS = 24
BRANDS = (
    "Northwind,Larkfield,Bluepine,Oakmere,Fernhill,Silverbrook,Tidewell,Amberly,"
    "Stonegate,Windmere,Hollowell,Brightmoor,Copperleaf,Evenfall,Foxglen,Greyhaven,"
    "Ironbark,Juniper Lane,Mapleton,Nightjar,Palewood,Quillon,Redthorn,Saltmarsh,"
    "华月,青竹,云帆,山禾,星澜,木棠,南溪,晨屿"
).split(",")

CURRENCIES = {"EUR": 1.0, "USD": 1.1, "CNY": 7.8}  # units per EUR
EVENT_TYPES = ("view", "click", "add_to_cart", "purchase", "favorite")
LABELS = ("exact", "substitute", "complement", "irrelevant")

# Ten options of each kind; option code = 10 * kind + place in the list.
OPTION_KINDS = ("colour", "variety")
OPTIONS = (
    "black,white,red,blue,green,grey,pink,navy,beige,silver,"
    "classic,mild,strong,lemon,vanilla,organic,fresh,rose,honey,unscented"
).split(",")
CHINESE_OPTIONS = (
    "黑色,白色,红色,蓝色,绿色,灰色,粉色,藏青色,米色,银色,"
    "经典,温和,浓郁,柠檬,香草,有机,清新,玫瑰,蜂蜜,原味"
).split(",")

CITIES = (
    "Berlin,上海,London,北京,Paris,深圳,Madrid,广州,Vienna,杭州,Hamburg,成都,Milan,"
    "武汉,Dublin,南京,Lisbon,西安,Toronto,重庆,Warsaw,苏州,Boston,青岛"
).split(",")

GIVEN_NAMES = (
    "anna,ben,clara,david,emma,felix,grace,henry,ines,jonas,lena,marco,nora,oscar,"
    "paula,quinn,rosa,simon,tara,victor,wei,xin,yan,ming,jie,lan,hao,li,fang,jun"
).split(",")
MAIL_DOMAINS = ("example.com", "example.org", "mail.example", "post.example")
GENDERS = ("female", "male", "other")
PHONE_PREFIXES = ("+49151", "+44770", "+86138", "+86159", "+33612", "+1415")

_DESCRIPTION_CLOSERS = (
    "Made for everyday use.",
    "Comes with a two-year warranty.",
    "Our customers’ favourite.",
    "Packed without plastic.",
    "Designed to last for years.",
    "Ships within one working day.",
)
_CHINESE_DESCRIPTION_CLOSERS = (
    "适合日常使用。",
    "享受两年质保。",
    "深受顾客喜爱。",
    "采用环保包装。",
    "经久耐用。",
    "一个工作日内发货。",
)

# Review texts are sentences of five parts that vary on their own: opener, aspect,
# quality, a number of days, closer. No entry begins another one of its list, so two
# different choices never make the same text.
_ASPECTS = (
    "build quality,finish,packaging,fit,colour,material,value for money,delivery,"
    "design,handling,size,workmanship"
).split(",")
_CHINESE_ASPECTS = (
    "做工,外观,包装,手感,颜色,材质,性价比,物流,设计,细节,大小,质感".split(",")
)
_REVIEWS = {
    # (good?, Chinese?): openers with the product as {}, qualities, closers
    (True, False): (
        "Very happy with my {}|I love my {}|Great choice, my new {}"
        "|So glad I ordered this {}|My whole family likes the {}"
        "|Excellent buy, this {}|Finally the right {}|Five people asked me about my {}",
        "excellent|flawless|better than expected|impressive|lovely|very good"
        "|just right|first class",
        "Would buy again|Highly recommended|Worth every cent|A real pleasure to use"
        "|Exactly as described|Thank you to the seller|I’m delighted|Simply perfect",
    ),
    (False, False): (
        "Very unhappy with my {}|I regret buying this {}|Bad choice, this {}"
        "|So annoyed about the {}|My whole family dislikes the {}"
        "|Waste of money, this {}|Yet another useless {}|Do not order this {}",
        "terrible|disappointing|worse than expected|poor|shoddy|not acceptable"
        "|far below average|a letdown",
        "Would not buy again|Stay away from it|I want my money back"
        "|Broken after a short time|Nothing like the description|I sent it back"
        "|I’m fed up|Simply awful",
    ),
    (True, True): (
        "这款{}我很满意|非常喜欢{}|{}买得很值|终于找到合适的{}|全家都喜欢这个{}"
        "|朋友推荐的{}果然好|第二次购买{}|收到{}很惊喜",
        "非常好|无可挑剔|超出预期|令人惊喜|很出色|相当不错|恰到好处|一流",
        "值得购买|强烈推荐|物超所值|用着很舒心|与描述一致|感谢卖家|会继续回购|完美",
    ),
    (False, True): (
        "这款{}让我很失望|后悔买了{}|{}买亏了|千万别买这个{}|全家都不喜欢这个{}"
        "|朋友说的{}其实很差|再也不买{}|收到{}很生气",
        "非常差|到处是问题|低于预期|令人失望|很糟糕|相当粗糙|无法接受|劣质",
        "不值得购买|不推荐|浪费钱|用着很闹心|与描述不符|要求退款|已经退货|太差劲了",
    ),
}
_DAYS = 120


PLACEHOLDERS = (
    "N/A,n/a,null,NONE,nil,NaN,unknown,Undefined,-,--,?,TBD,无,未知,空,暂无,不详"
).split(",")


def joined(*parts: pa.Array | str, separator: str = "") -> pa.Array:
    """Join words row by row; a null part is left out, a plain string is repeated."""
    columns = [pa.scalar(part) if isinstance(part, str) else part for part in parts]
    return pc.binary_join_element_wise(*columns, separator, null_handling="skip")


def either(
    condition: np.ndarray, yes: pa.Array | str, no: pa.Array | str | None
) -> pa.Array:
    """Choose row by row; `condition` is a numpy array of bool, None stands for null."""
    return pc.if_else(pa.array(condition), yes, pa.scalar(no) if no is None else no)


def pick(words: Sequence[str] | pa.Array, codes: np.ndarray) -> pa.Array:
    """Look codes up in a list of words; a negative code gives null."""
    words = words if isinstance(words, pa.Array) else pa.array(words)
    return words.take(pa.array(codes, mask=codes < 0))


def titles(
    brand: pa.Array,
    noun: pa.Array,
    option: pa.Array,
    size: pa.Array,
    chinese: np.ndarray,
) -> pa.Array:
    """Title of each product; `chinese` (bool) says in which language."""
    return either(
        chinese,
        joined(joined(brand, noun), option, size, separator="，"),
        joined(joined(brand, noun, separator=" "), option, size, separator=", "),
    )


def descriptions(
    brand: pa.Array,
    noun: pa.Array,
    option: pa.Array,
    size: pa.Array,
    chinese: np.ndarray,
    closers: np.ndarray,
) -> pa.Array:
    """Two sentences about each product; `closers` are codes of the second one."""
    closers = closers % len(_DESCRIPTION_CLOSERS)
    return either(
        chinese,
        joined(
            *(brand, "出品的", noun, "，", option, "，规格", size, "。"),
            pick(_CHINESE_DESCRIPTION_CLOSERS, closers),
        ),
        joined(
            *("The ", noun, " by ", brand, ": ", option, ", ", size, ". "),
            pick(_DESCRIPTION_CLOSERS, closers),
        ),
    )


def review_texts(
    rng: Generator,
    good: np.ndarray,
    mixed: np.ndarray,
    chinese: np.ndarray,
    brand: pa.Array,
    noun: pa.Array,
) -> pa.Array:
    """Write one text per review, no two alike even in lower case.

    `good`, `mixed` (a word to the contrary, for rating 3) and `chinese` are arrays of
    bool; `brand` and `noun` name the product. The choices of a text are the digits of
    a number that is used once per mood and language: 614,400 texts of each.
    """
    texts = np.empty(len(good), object)
    for (is_good, is_chinese), parts in _REVIEWS.items():
        rows = np.flatnonzero((good == is_good) & (chinese == is_chinese))
        openers, qualities, closers = (part.split("|") for part in parts)
        aspects = _CHINESE_ASPECTS if is_chinese else _ASPECTS
        sizes = [len(openers), len(aspects), len(qualities), _DAYS, len(closers)]
        number = rng.choice(np.prod(sizes), len(rows), replace=False)
        digits = np.unravel_index(number, sizes)
        opener = pick(openers, digits[0])
        aspect = pick(aspects, digits[1])
        quality = pick(qualities, digits[2])
        days = pa.array(digits[3] + 2).cast(pa.string())
        closer = pick(closers, digits[4])
        around = pc.split_pattern(opener, "{}")
        before, after = pc.list_element(around, 0), pc.list_element(around, 1)
        product = joined(brand.take(rows), noun.take(rows), separator=" ")
        contrary = pick(aspects, (digits[1] + 1) % len(aspects))
        if is_chinese:
            turn = ("只是", "还可以更好。") if is_good else ("不过", "还行。")
            ending = ("用了", days, "天依然满意。" if is_good else "天就出了问题。")
            text = [aspect, quality, "，", *ending, closer, "。"]
            stop = "。"
        else:
            turn = ("Only the ", " could be better. ")
            turn = turn if is_good else ("At least the ", " is fine. ")
            ending = (", even after ", days, " days. ")
            ending = ending if is_good else (", and that within ", days, " days. ")
            text = ["The ", aspect, " is ", quality, *ending, closer, "."]
            stop = ". "
        middle = either(mixed[rows], joined(turn[0], contrary, turn[1]), pa.scalar(""))
        texts[rows] = joined(before, product, after, stop, middle, *text)
    return pa.array(texts, pa.string())
