"""Places of the world, the names they are found by, and what areas touch. No personal data."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Case, Max, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from geography.folding import fold
from privacy.declarations import declare

LONGEST_SEARCH = 100


class PlaceQuerySet(models.QuerySet["Place"]):
    def search(self, text: str, *, country: str | None = None, limit: int = 10) -> list[Place]:
        """Places whose name is, or begins with, the text: exact first, then by population."""
        folded = fold(text[:LONGEST_SEARCH])
        if not folded:
            return []
        # One Latin letter begins the name of half the world, yet Å and Y are whole names.
        alone = len(folded) == 1 and folded.isascii()
        names = PlaceName.objects.filter(**{"folded" if alone else "folded__startswith": folded})
        if country:
            names = names.filter(country=country)
        is_exact = Case(When(folded=folded, then=1), default=0)
        wanted = list(
            names.values("place_id")
            .annotate(exact=Max(is_exact), weight=Max("population"))
            .order_by("-exact", "-weight", "place_id")
            .values_list("place_id", flat=True)[:limit]
        )
        found = self.in_bulk(wanted)
        return [found[pk] for pk in wanted]


class Place(models.Model):
    """A city, town or village: a point, and a disc in which its people live."""

    id = models.IntegerField(primary_key=True)  # GeoNames' own number, stable across its releases
    name = models.CharField(max_length=200)
    country = models.CharField(max_length=2)
    admin1 = models.CharField(max_length=20, blank=True)
    latitude = models.FloatField()
    longitude = models.FloatField()
    time_zone = models.CharField(max_length=40)
    population = models.IntegerField()
    cell = models.BigIntegerField()
    radius_m = models.IntegerField()

    objects = PlaceQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["cell"], name="place_cell"),
            # The few cities whose discs reach far: looked for over a wider ground than towns are.
            models.Index(
                fields=["cell"], name="place_city_cell", condition=models.Q(radius_m__gt=6_000)
            ),
            models.Index(fields=["country", "admin1"], name="place_country_admin1"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(latitude__range=(-90, 90), longitude__range=(-180, 180)),
                name="place_on_earth",
            ),
            models.CheckConstraint(condition=models.Q(radius_m__gt=0), name="place_has_a_radius"),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.country}"


declare(
    Place,
    purpose=_("Find a place by name, and the places that an area touches"),
    retention=_("While the portal runs: published data."),
    about=(),
    plain={
        "id",
        "name",
        "country",
        "admin1",
        "latitude",
        "longitude",
        "time_zone",
        "population",
    },
    derived={"cell", "radius_m"},
)


class PlaceName(models.Model):
    """One folded name of a place, with what ranks and narrows a search kept beside it."""

    place = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="names")
    folded = models.CharField(max_length=200)
    country = models.CharField(max_length=2)
    population = models.IntegerField()

    class Meta:
        indexes = [
            # LIKE 'prefix%' can use a btree only in this operator class, whatever the collation.
            models.Index(
                fields=["folded"], name="place_name_folded", opclasses=["text_pattern_ops"]
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["place", "folded"], name="place_name_once"),
        ]

    def __str__(self) -> str:
        return self.folded


declare(
    PlaceName,
    purpose=_("Find a place by name, and the places that an area touches"),
    retention=_("While the portal runs: published data."),
    about=(),
    plain={"id", "place"},
    derived={"folded", "country", "population"},
)


class PlaceList(models.Model):
    """One loading of the places. What was worked out with an older list no longer holds."""

    loaded_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return str(self.pk)


declare(
    PlaceList,
    purpose=_("Find a place by name, and the places that an area touches"),
    retention=_("While the portal runs: published data."),
    about=(),
    plain={"id", "loaded_at"},
)


class AreaCover(models.Model):
    """What an area touches, kept so that it is worked out once; `covers` fills and reads it.

    Cells are ranges, first and last in turn, and towns are ids: 64-bit little-endian integers.
    """

    digest = models.CharField(max_length=64, primary_key=True)
    # Of the code and boundaries that worked it out, and of the places.
    version = models.CharField(max_length=64)
    place_list = models.BigIntegerField()
    is_named = models.BooleanField()
    is_exact = models.BooleanField()
    ranges = models.BinaryField()
    inside = models.BinaryField()
    border = models.BinaryField()
    towns_inside = models.BinaryField()
    towns_partly = models.BinaryField()
    regions = ArrayField(models.CharField(max_length=24))
    countries = ArrayField(models.CharField(max_length=2))
    kept_at = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self) -> str:
        return self.digest


declare(
    AreaCover,
    purpose=_("Find a place by name, and the places that an area touches"),
    retention=_("Until 300 other areas were looked at."),
    about=(),
    derived={
        "digest",
        "version",
        "place_list",
        "is_named",
        "is_exact",
        "ranges",
        "inside",
        "border",
        "towns_inside",
        "towns_partly",
        "regions",
        "countries",
        "kept_at",
    },
)
