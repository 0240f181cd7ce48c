"""The peer: the same stays in PostGIS, with exact points, GiST indexes and the towns' discs.

Only where a stay lies is asked of PostGIS; days, consent and counting are the portal's own SQL on
both sides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import shapely
from django.db import connection
from django.db.models.sql.datastructures import BaseTable

from benchmarks.population import vacuum
from geography.areas import Area
from registrations.enums import Precision
from registrations.models import Stay

# Corners of a piece of a subdivided area: the quickest of 16 to 256 for these areas.
CORNERS = 64

# Narrower than the portal's table, so that PostGIS reads fewer pages; in the same order.
_TABLES = f"""
CREATE EXTENSION IF NOT EXISTS postgis;
DROP TABLE IF EXISTS postgis_stay, postgis_disc, postgis_piece;
CREATE TABLE postgis_stay AS
SELECT stay.id, stay.person_id, stay.precision, stay.place_id, stay.time_zone, stay.starts_on,
    stay.ends_on, stay.confirmed_at, stay.contact_agreed,
    CASE WHEN stay.precision = '{Precision.PIN.value}'
        THEN ST_SetSRID(ST_MakePoint(drawn.longitude, drawn.latitude), 4326) END AS point
FROM registrations_stay AS stay JOIN drawn ON drawn.stay = stay.id
ORDER BY stay.ctid;
CREATE INDEX postgis_stay_point ON postgis_stay USING gist (point) WHERE point IS NOT NULL;
CREATE INDEX postgis_stay_place ON postgis_stay (place_id, ends_on, starts_on)
    INCLUDE (person_id, time_zone, confirmed_at, contact_agreed)
    WHERE precision = '{Precision.PLACE.value}';
CREATE TABLE postgis_disc AS
SELECT id AS place_id, ST_Buffer(
    ST_SetSRID(ST_MakePoint(longitude, latitude), 4326)::geography, radius_m)::geometry AS disc
FROM geography_place;
CREATE INDEX postgis_disc_disc ON postgis_disc USING gist (disc);
CREATE UNLOGGED TABLE postgis_piece (piece geometry);
"""

_COLUMNS = "id, person_id, time_zone, starts_on, ends_on, confirmed_at, contact_agreed"
_AREA = "ST_GeomFromWKB(%s, 4326)"

_PLAIN = f"""
SELECT {_COLUMNS} FROM postgis_stay WHERE ST_Intersects(point, {_AREA})
UNION ALL SELECT {_COLUMNS} FROM postgis_stay
WHERE precision = '{Precision.PLACE.value}' AND place_id IN (
    SELECT place_id FROM postgis_disc WHERE ST_Intersects(disc, {_AREA}))
"""

_PIECES = f"""
SELECT {_COLUMNS} FROM {{pieces}} JOIN postgis_stay ON ST_Intersects(point, piece)
UNION ALL SELECT {_COLUMNS} FROM postgis_stay
WHERE precision = '{Precision.PLACE.value}' AND place_id IN (
    SELECT place_id FROM {{pieces}} JOIN postgis_disc ON ST_Intersects(disc, piece))
"""
_SUBDIVISION = f"SELECT ST_Subdivide({_AREA}, {CORNERS}) AS piece"


@dataclass(frozen=True, slots=True)
class Asked:
    """SQL that gives the stays in an area, what it needs, and what must stand before the query."""

    sql: str
    parameters: Sequence[Any]
    before: str = ""


class _StaysBy(BaseTable):
    """The table of stays in a query of the portal's, replaced by what PostGIS finds."""

    def __init__(self, table: str, alias: str | None, asked: Asked) -> None:
        super().__init__(table, alias)
        self.asked = asked

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        alias = compiler.quote_name_unless_alias(self.table_alias)
        return f"({self.asked.sql}) {alias}", list(self.asked.parameters)

    def relabeled_clone(self, change_map: Any) -> _StaysBy:
        alias = change_map.get(self.table_alias, self.table_alias)
        return _StaysBy(self.table_name, alias, self.asked)

    @property
    def identity(self) -> tuple[Any, ...]:
        return (*super().identity, self.asked.sql, str(self.asked.parameters))


def build() -> None:
    """Fill the peer's tables from the portal's."""
    with connection.cursor() as cursor:
        cursor.execute(_TABLES)
    vacuum("postgis_stay", "postgis_disc")


def plain(area: Area) -> Asked:
    """The polygon as it is: nothing to prepare, so as fast cold as warm."""
    return Asked(_PLAIN, [shapely.to_wkb(area.geometry)] * 2)


def subdivided_now(area: Area) -> Asked:
    """Pieces made within the query, once for both of its halves."""
    pieces = f"(WITH made AS MATERIALIZED ({_SUBDIVISION}) SELECT piece FROM made) AS pieces"
    return Asked(_PIECES.format(pieces=pieces), [shapely.to_wkb(area.geometry)] * 2)


def subdivided_before(area: Area) -> Asked:
    """Pieces kept in a table, as a portal on PostGIS would keep those of a crisis."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE postgis_piece")
        cursor.execute(f"INSERT INTO postgis_piece {_SUBDIVISION}", [shapely.to_wkb(area.geometry)])
    vacuum("postgis_piece")
    return Asked(_PIECES.format(pieces="postgis_piece"), [])


def stays(asked: Asked) -> Any:
    """The portal's query set of stays, read from where PostGIS says."""
    found = Stay.objects.all()
    alias = found.query.get_initial_alias()
    found.query.alias_map[alias] = _StaysBy(Stay._meta.db_table, alias, asked)
    return found


def version() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT postgis_lib_version()")
        (found,) = cursor.fetchone()
    return str(found)
