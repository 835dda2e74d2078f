"""Names of streets, bridges and parks of an invented city, in English and Chinese."""

from dataclasses import dataclass

import numpy as np

CITY = ("Lanting", "兰汀")
RIVER = ("Lan River", "兰江")
RING = ("Lanting Ring Road", "兰汀环路")
AXIS = ("Lanting Avenue", "兰汀大道")
WALL = ("City Wall Road", "城墙路")
BANKS = {
    "bank-north": ("Riverside North Road", "滨江北路"),
    "bank-south": ("Riverside South Road", "滨江南路"),
}
DIAGONALS = (("Airport Road", "机场路"), ("Tea Hill Road", "茶山路"), ("Old Post Road", "古驿路"))
AVENUES = (
    ("Spring River Avenue", "春江大道"),
    ("Culture Road", "文化路"),
    ("Phoenix Avenue", "凤凰大道"),
    ("Peace Road", "和平路"),
    ("Sunrise Avenue", "朝阳大道"),
    ("College Road", "学院路"),
    ("Harmony Road", "和谐路"),
    ("Stadium Road", "体育场路"),
    ("Silk Avenue", "丝绸大道"),
    ("Station Road", "车站路"),
    ("Exhibition Road", "会展路"),
    ("Lakeview Avenue", "湖景大道"),
    ("Science Avenue", "科学大道"),
    ("Granary Road", "粮仓路"),
)
RING_BRIDGES = (("Ring West Bridge", "环西大桥"), ("Ring East Bridge", "环东大桥"))
AXIS_BRIDGE = ("Lan River Bridge", "兰江大桥")
BRIDGES = (("Rainbow Bridge", "彩虹桥"), ("Moon View Bridge", "望月桥"), ("Swallow Bridge", "飞燕桥"))
PARKS = (
    ("Lanting Park", "兰汀公园"),
    ("Orchid Garden", "兰园"),
    ("Plum Blossom Park", "梅花公园"),
    ("People's Park", "人民公园"),
    ("Bamboo Park", "竹园"),
    ("Wetland Park", "湿地公园"),
    ("Crane Hill Park", "鹤山公园"),
)

_SINGLE = (
    "Willow 柳树,Osmanthus 桂花,Camphor 香樟,Ginkgo 银杏,Plane Tree 梧桐,Maple 枫树,Magnolia 玉兰,Peony 牡丹,"
    "Jasmine 茉莉,Camellia 山茶,Azalea 杜鹃,Begonia 海棠,Lotus 莲花,Chrysanthemum 菊花,Mulberry 桑树,"
    "Pomegranate 石榴,Loquat 枇杷,Tangerine 橘子,Peach Blossom 桃花,Apricot 杏花,Wisteria 紫藤,Cypress 柏树,"
    "Wintersweet 腊梅,Hibiscus 芙蓉,Magpie 喜鹊,Kingfisher 翠鸟,Mandarin Duck 鸳鸯,Carp 锦鲤,Lantern 灯笼,"
    "Library 图书馆,Museum 博物馆,Theater 剧院,Market 市场,Mint 造币,Dye Works 染坊,Kiln 窑前,Ferry 渡口,"
    "Rice Mill 米坊,Brewery 酒坊,Tea House 茶馆,Ink 墨香,Brush 笔锋,Inkstone 砚台,Paper 纸坊,Drum 鼓楼,"
    "Temple 寺前,Schoolhouse 学堂,Well 井亭,Pagoda 宝塔,Pavilion 凉亭,Sunflower 向日葵,Clover 三叶草"
)
_FIRST = (
    "Green 青,White 白,Golden 金,Silver 银,Jade 玉,Crimson 红,Purple 紫,Cloud 云,Moon 月,Star 星,Autumn 秋,"
    "Long 长,Stone 石,Snow 雪,Morning 晨,Clear 清,Fragrant 香,Bright 明,Twin 双,Blue 蓝"
)
_SECOND = (
    "Bamboo 竹,Pine 松,Hill 山,Spring 泉,Lotus 荷,Crane 鹤,Lake 湖,Creek 溪,Grove 林,Dragon 龙,Swallow 燕,"
    "Pond 塘,Gate 门,Terrace 台,Harbor 港,Tower 塔,Garden 园,Village 村,Phoenix 凤,Island 洲"
)
_TYPES = {
    "street": (("Street", "街"), ("Road", "路"), ("Road", "路")),
    "lane": (("Lane", "巷"), ("Lane", "巷"), ("Alley", "弄")),
}
_ORDINALS = (
    ("Second", "二"),
    ("Third", "三"),
    ("Fourth", "四"),
    ("Fifth", "五"),
    ("Sixth", "六"),
    ("Seventh", "七"),
)


@dataclass(frozen=True, slots=True)
class Name:
    """A name in both languages."""

    en: str
    zh: str


class NamePool:
    """Gives every street another name; the order is drawn.

    Parameters
    ----------
    rng : numpy.random.Generator
        Shuffles the names, and draws between street, road, lane and alley.
    """

    def __init__(self, rng: np.random.Generator) -> None:
        stems = _stems()
        self._rng = rng
        self._stems = [stems[index] for index in rng.permutation(len(stems))]
        self._avenues = [AVENUES[index] for index in rng.permutation(len(AVENUES))]
        self._taken = {"street": 0, "avenue": 0, "diagonal": 0, "bridge": 0}

    def street(self, role: str) -> Name:
        """Return the next name for a ``street`` or ``lane``; after all stems they start again, numbered."""
        lap, index = divmod(self._next("street"), len(self._stems))
        en, zh = self._stems[index]
        kinds = _TYPES[role]
        kind_en, kind_zh = kinds[int(self._rng.integers(len(kinds)))]
        if lap:
            en, zh = f"{en} {_ORDINALS[lap - 1][0]}", zh + _ORDINALS[lap - 1][1]
        return Name(f"{en} {kind_en}", zh + kind_zh)

    def main_road(self, role: str) -> Name:
        """Return the name of a main road by its role."""
        fixed = {"ring": RING, "axis": AXIS, "wall": WALL, **BANKS}
        if role in fixed:
            return Name(*fixed[role])
        pool = DIAGONALS if role == "diagonal" else self._avenues
        return Name(*pool[self._next(role)])

    def bridge(self, role: str, x_m: float) -> Name:
        """Return the name of a bridge by the role of its street and its place, in meters to the east."""
        if role == "ring":
            return Name(*RING_BRIDGES[x_m > 0])
        return Name(*(AXIS_BRIDGE if role == "axis" else BRIDGES[self._next("bridge")]))

    def _next(self, kind: str) -> int:
        number = self._taken[kind]
        self._taken[kind] = number + 1
        return number


def _stems() -> list[tuple[str, str]]:
    def split(words: str) -> list[tuple[str, str]]:
        pairs = [word.rsplit(" ", 1) for word in words.split(",")]
        return [(en, zh) for en, zh in pairs]

    pairs = [(f"{a_en} {b_en}", a_zh + b_zh) for a_en, a_zh in split(_FIRST) for b_en, b_zh in split(_SECOND)]
    return split(_SINGLE) + pairs
