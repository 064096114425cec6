"""Where goods stand in a channel's own search: one source, eight weeks, an edit within them."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path
from typing import Final

from catalog.models import Listing, SearchRank
from catalog.rules.listing.content import SECTIONS
from catalog.rules.ranks import week_of
from ops.demo.goods import Item
from ops.demo.plan import FOUNDER, SYSTEM
from ops.demo.scene import Scene
from ops.engines.identity.choices import Role
from ops.engines.revisions import services as revisions
from ops.engines.sources import services as sources
from ops.engines.sources.types import Terms

_WEEKS: Final = 8
_EDITED: Final = 3  # weeks ago
_TERMS: Final = Terms(
    title="生意参谋搜索排名",
    rhythm="weekly",
    weekday=1,
    hour=10,
    owner=Role.OPERATIONS_SPECIALIST,
    licence="平台后台数据，按店铺服务协议仅限内部经营分析使用。",
)
# Word, place of the goods, ranks by week from the oldest, impressions and clicks of a good week.
_WORDS: Final = (
    ("送礼 礼盒", 49, (38, 36, 39, 37, 35, 22, 17, 14), 5200, 310),
    ("换季新款", 49, (61, 60, 64, 58, 57, 41, 33, 30), 2400, 96),
    ("旗舰店 正品", 50, (12, 11, 11, 13, 12, 14, 15, 17), 8100, 402),
    ("家用 常备", 51, (25, 24, 22, 22, 21, 21, 20, 21), 1900, 88),
)


def follow(scene: Scene) -> int:
    """Open the source, send its file and let the job's service read it; return the figures."""
    _edit(scene, scene.items[_WORDS[0][1]])
    made = sources.open_source(
        code="tmall-search",
        profile="search_rank",
        place="channel:tmall",
        terms=_TERMS,
        actor=scene.actor("supervisor"),
        at=scene.plan.at,
    )
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", prefix="guifan-demo-") as made_here:
        made_here.write("\n".join(_rows(scene)) + "\n")
        made_here.flush()
        sources.send_file(
            source_id=made.id,
            path=Path(made_here.name),
            name="搜索排名近八周.csv",
            actor=scene.actor("specialist"),
            at=scene.plan.at,
        )
    sources.take_waiting(actor=SYSTEM, at=scene.plan.at, progress=_silent)
    return SearchRank.objects.count()


def _rows(scene: Scene) -> list[str]:
    newest = week_of(scene.plan.today) - dt.timedelta(days=7)
    rows = ["week,keyword,code,rank,impressions,clicks"]
    for word, place, ranks, views, clicks in _WORDS:
        for number, rank in enumerate(ranks):
            year, week, _day = (newest - dt.timedelta(days=7 * (_WEEKS - 1 - number))).isocalendar()
            seen, came = views * min(ranks) // rank, clicks * min(ranks) // rank
            code = scene.items[place].code
            rows.append(f"{year}-W{week:02},{word},{code},{rank},{seen},{came}")
    return rows


def _edit(scene: Scene, item: Item) -> None:
    """Bring in what the goods said to the search before go-live, since three weeks ago."""
    rows = Listing.objects.filter(product__skus=item.sku_id).select_related("product")
    row = rows.get(channel_id=scene.company.shop("tmall").id)
    name = row.product.name
    content = {
        "title": name[:60],
        "sections": dict.fromkeys(SECTIONS, f"{name}：详见规格选项与吊牌。"),
        "keywords": ["送礼 礼盒", "换季新款"],
        "search_title": f"{name[:30]} 送礼礼盒 换季新款",
        "search_text": f"{name[:40]}，送礼自用两相宜，礼盒包装，七天无理由退货，当日发货。",
    }
    revisions.open_as_history(
        kind="catalog.listing",
        contents={row.pk: content},
        why="改写搜索标题与搜索词",
        actor=FOUNDER,
        at=scene.plan.at - dt.timedelta(weeks=_EDITED),
    )


def _silent(_done: int, _total: int | None, _stage: str) -> None:
    """Say nothing about progress."""
