"""The figures page, its files, and the yearly report."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone, translation
from django.views.decorators.http import require_safe

from rempart.desk.rules.access import Permission
from rempart.desk.stages.intake.models import Report
from rempart.desk.statistics import figures as statistics
from rempart.desk.statistics import periods
from rempart.desk.statistics.definitions import LANGUAGES
from rempart.desk.statistics.export import figures_csv as as_csv
from rempart.desk.statistics.export import figures_json as as_json
from rempart.desk.statistics.periods import Period, PeriodName, UnreadablePeriod
from rempart.desk.statistics.words import PERIODS
from rempart.desk.statistics.yearly import YearlyReport, yearly_report
from rempart.desk.statistics.yearly_export import DEFINITIONS, yearly_csv, yearly_json
from rempart.desk.web.console.figures_shown import label, label_of, show_part
from rempart.desk.web.shared.access import needs


@require_safe
@needs(Permission.READ_FIGURES)
def figures_page(request: HttpRequest) -> HttpResponse:
    """Every figure of a period, exact, for the staff."""
    now = timezone.now()
    name, period, is_unreadable = _asked_period(request, now)
    context = {
        "period": period,
        "period_name": name,
        "is_unreadable": is_unreadable,
        "choices": [(str(choice), words) for choice, words in PERIODS.items() if choice != PeriodName.CUSTOM],
        "parts": [show_part(part) for part in statistics.all_parts(period, now=now)],
        "query": f"period=custom&from={period.first.isoformat()}&to={period.last.isoformat()}",
        "made_at": now,
        "here": "figures",
    }
    return render(request, "console/figures/figures.html", context, status=400 if is_unreadable else 200)


@require_safe
@needs(Permission.READ_FIGURES)
def figures_csv(request: HttpRequest) -> HttpResponse:
    """The figures as a spreadsheet reads them, fit to publish: small cells merged."""
    now = timezone.now()
    _name, period, _is_unreadable = _asked_period(request, now)
    with translation.override(_language(request)):
        text = as_csv([figure.published() for figure in statistics.all_figures(period, now=now)], label)
    return _file(text, "text/csv", f"figures-{period.first}-{period.last}.csv")


@require_safe
@needs(Permission.READ_FIGURES)
def figures_json(request: HttpRequest) -> HttpResponse:
    """The figures as a program reads them, fit to publish: small cells merged."""
    now = timezone.now()
    _name, period, _is_unreadable = _asked_period(request, now)
    found = [figure.published() for figure in statistics.all_figures(period, now=now)]
    text = as_json(found, association=settings.REMPART.association, made_at=now)
    return _file(text, "application/json", f"figures-{period.first}-{period.last}.json")


@require_safe
@needs(Permission.READ_FIGURES)
def yearly_page(request: HttpRequest) -> HttpResponse:
    """The yearly report, ready to print and publish."""
    language, now = _language(request), timezone.now()
    year = _asked_year(request, now)
    with translation.override(language):
        context = {
            "report": _yearly(year, now, language),
            "tables": ("by_provider", "by_content", "by_action", "by_all"),
            "definitions": DEFINITIONS.values(),
            "year": year,
            "years": _years(now),
            "language": language,
            "other_languages": [other for other in LANGUAGES if other != language],
        }
        response = render(request, "console/figures/yearly.html", context)
    response.headers["Content-Language"] = language
    return response


@require_safe
@needs(Permission.READ_FIGURES)
def yearly_as_csv(request: HttpRequest) -> HttpResponse:
    """The yearly report as a spreadsheet reads it."""
    language, now = _language(request), timezone.now()
    year = _asked_year(request, now)
    with translation.override(language):
        text = yearly_csv(
            _yearly(year, now, language),
            lambda key: label_of("content", key) if key else "",
            lambda key: label_of("action", key) if key else "",
        )
    return _file(text, "text/csv", f"yearly-report-{year}-{language}.csv")


@require_safe
@needs(Permission.READ_FIGURES)
def yearly_as_json(request: HttpRequest) -> HttpResponse:
    """The yearly report as a program reads it."""
    language, now = _language(request), timezone.now()
    year = _asked_year(request, now)
    return _file(yearly_json(_yearly(year, now, language)), "application/json", f"yearly-report-{year}-{language}.json")


def _yearly(year: int, now: datetime, language: str) -> YearlyReport:
    return yearly_report(periods.year(year, settings.REMPART.time_zone), now=now, language=language)


def _asked_period(request: HttpRequest, now: datetime) -> tuple[str, Period, bool]:
    """The name and days asked for; this month, and a word about it, when they cannot be read."""
    zone = settings.REMPART.time_zone
    asked = request.GET.get("period", PeriodName.THIS_MONTH.value)
    try:
        if asked == PeriodName.CUSTOM:
            return asked, periods.custom(request.GET.get("from", ""), request.GET.get("to", ""), zone), False
        return asked, periods.named(PeriodName(asked), now, zone), False
    except (UnreadablePeriod, ValueError):
        this_month = PeriodName.THIS_MONTH
        return this_month.value, periods.named(this_month, now, zone), True


def _asked_year(request: HttpRequest, now: datetime) -> int:
    years = _years(now)
    asked = request.GET.get("year", "")
    if asked.isdecimal() and int(asked) in years:
        return int(asked)
    # A report is written about a year that is over, once there is one.
    return years[1] if len(years) > 1 else years[0]


def _years(now: datetime) -> list[int]:
    """The years the desk has worked, newest first."""
    zone = ZoneInfo(settings.REMPART.time_zone)
    first = Report.objects.order_by("received_at").values_list("received_at", flat=True).first() or now
    return list(range(now.astimezone(zone).year, first.astimezone(zone).year - 1, -1))


def _language(request: HttpRequest) -> str:
    asked = request.GET.get("language", "")
    return asked if asked in LANGUAGES else (translation.get_language() or "en")[:2]


def _file(text: str, kind: str, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(text.encode(), content_type=f"{kind}; charset=utf-8", headers=headers)


urlpatterns = [
    path("figures/", figures_page, name="figures"),
    path("figures.csv", figures_csv, name="figures-csv"),
    path("figures.json", figures_json, name="figures-json"),
    path("yearly-report/", yearly_page, name="yearly-report"),
    path("yearly-report.csv", yearly_as_csv, name="yearly-report-csv"),
    path("yearly-report.json", yearly_as_json, name="yearly-report-json"),
]
