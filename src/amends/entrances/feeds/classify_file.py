"""`amends classify`: a code, a second code and a confidence for each text of a file."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from amends.platform.cli.command import command
from amends.platform.cli.language import gettext as _
from amends.platform.cli.language import ngettext, pgettext, translate_sentence
from amends.platform.cli.outputs import FORCE, check_not_read, check_output
from amends.platform.cli.previous_outputs import note_renamed
from amends.platform.cli.progress import bar
from amends.platform.cli.render import OMIT_NONE, TableColumn, View
from amends.platform.cli.start import prepare_tables
from amends.platform.environment.settings_values import data_dir
from amends.platform.kit.errors import BadInput
from amends.platform.tabular.columns import choose_columns
from amends.platform.tabular.exports import keep_rejects, write_csv
from amends.platform.tabular.narrative import narrative, narrative_roles
from amends.platform.tabular.tables import Table, read_table

if TYPE_CHECKING:
    from amends.engines.classification.classify import Vectors
    from amends.engines.classification.model.learning import Labelled

AT_A_TIME = 4_096
ADDED = ("code", "code2", "confidence")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassificationRun:
    """The model that was put to use, and what was learned; None for what was not asked.

    learned  `LearningReport` with the version of the `model`, its `file`, and whether it was
             `adopted`
    """

    in_use: str | None = field(default=None, metadata=OMIT_NONE)
    learned: dict[str, Any] | None = field(default=None, metadata=OMIT_NONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassifiedFile(ClassificationRun):
    """A file whose texts were classified.

    rejected    rows that were refused, written to `rejects_file`
    ask         texts whose class is uncertain
    foreign     texts that complain of nothing in telecoms
    by_meaning  texts whose class the second opinion gave
    codes       code → texts, the most frequent first
    """

    read: int
    classified: int
    rejected: int
    rejects_file: str
    ask: int
    foreign: int
    by_meaning: int
    model: str
    out: str
    seconds: float
    notes: list[str]
    codes: dict[str, int]


def _run_view(run: ClassificationRun) -> View:
    notes = []
    if run.in_use is not None:
        notes.append(_("Model %(version)s is now in use.") % {"version": run.in_use})
    if run.learned is not None:
        notes += _learned_notes(run.learned)
    if not isinstance(run, ClassifiedFile):
        moves = run.learned["moves"] if run.learned else []
        return View(
            columns=(
                TableColumn(pgettext("classify", "was"), itemgetter("before"), whole=True),
                TableColumn(pgettext("classify", "is now"), itemgetter("after"), whole=True),
                TableColumn(pgettext("classify", "texts"), itemgetter("texts"), right=True),
                TableColumn(pgettext("classify", "right"), itemgetter("right"), right=True),
                TableColumn(pgettext("classify", "for example"), lambda move: move["examples"][0]),
            ),
            rows=moves,
            notes=notes,
        )
    return View(
        columns=(
            TableColumn(_("code"), lambda row: row[0], whole=True),
            TableColumn(pgettext("classify", "texts"), lambda row: row[1], "{:,}", right=True),
            TableColumn(_("Share"), lambda row: row[1] / run.classified, "{:.1%}", right=True),
        ),
        rows=list(run.codes.items()),
        notes=[*notes, *_classified_notes(run)],
    )


def _classified_notes(classified_file: ClassifiedFile) -> list[str]:
    notes = [
        ngettext(
            "%(count)s text classified in %(seconds)s s, %(unsure)s of them uncertain; written to "
            "%(file)s.",
            "%(count)s texts classified in %(seconds)s s, %(unsure)s of them uncertain; written to "
            "%(file)s.",
            classified_file.classified,
        )
        % {
            "count": f"{classified_file.classified:,}",
            "seconds": f"{classified_file.seconds:.1f}",
            "unsure": f"{classified_file.ask:,}",
            "file": classified_file.out,
        }
    ]
    if classified_file.foreign:
        notes.append(
            ngettext(
                "%(count)s text complains of nothing in telecoms.",
                "%(count)s texts complain of nothing in telecoms.",
                classified_file.foreign,
            )
            % {"count": f"{classified_file.foreign:,}"}
        )
    notes += classified_file.notes
    if classified_file.rejects_file:
        notes.append(
            ngettext(
                "%(count)s row was refused; it and its reason are in %(file)s.",
                "%(count)s rows were refused; they and their reasons are in %(file)s.",
                classified_file.rejected,
            )
            % {"count": f"{classified_file.rejected:,}", "file": classified_file.rejects_file}
        )
    return notes


def _learned_notes(report: Mapping[str, Any]) -> list[str]:
    before, after = report["before"], report["after"]
    notes = [
        ngettext(
            "Learnt from %(count)s text. Right on texts held out: %(before)s before, %(after)s "
            "after (%(low)s to %(high)s): %(gained)s gained, %(lost)s lost; as uneven a split "
            "comes by chance with probability %(chance)s.",
            "Learnt from %(count)s texts. Right on texts held out: %(before)s before, %(after)s "
            "after (%(low)s to %(high)s): %(gained)s gained, %(lost)s lost; as uneven a split "
            "comes by chance with probability %(chance)s.",
            report["texts"],
        )
        % {
            "count": f"{report['texts']:,}",
            "before": f"{before['share']:.1%}",
            "after": f"{after['share']:.1%}",
            "low": f"{after['low']:.1%}",
            "high": f"{after['high']:.1%}",
            "gained": report["gained"],
            "lost": report["lost"],
            "chance": f"{report['by_chance']:.2f}",
        },
        *(translate_sentence(note) for note in report["notes"]),
    ]
    if report["adopted"]:
        adopted = _("The new model %(version)s answers from now on.")
        notes.append(adopted % {"version": report["model"]})
    else:
        notes.append(
            _("The new model is no better and is not in use; --even-if-worse puts it to use.")
        )
    return notes


@command(view=_run_view, tables=False)
def classify(
    file: Annotated[Path | None, typer.Argument(help="CSV, Excel, JSON lines or Parquet.")] = None,
    text: Annotated[
        str, typer.Option(help="Column of the texts; found automatically if left out.")
    ] = "",
    out: Annotated[Path | None, typer.Option(help="The CSV file to write.")] = None,
    learn: Annotated[
        Path | None, typer.Option(help="File of texts with their right codes to learn from.")
    ] = None,
    label: Annotated[
        str, typer.Option(help="Column of the code in the file of --learn.")
    ] = "label",
    label2: Annotated[
        str, typer.Option(help="Column of a second code in the file of --learn, if there is one.")
    ] = "label2",
    from_desk: Annotated[
        bool,
        typer.Option("--from-desk", help="Learn from the classes that handlers have corrected."),
    ] = False,
    even_if_worse: Annotated[
        bool, typer.Option(help="Use the new model even if it is no better.")
    ] = False,
    use: Annotated[
        str, typer.Option(help="Use this earlier model, or 'shipped' for the one of the package.")
    ] = "",
    with_meaning: Annotated[
        bool,
        typer.Option(
            help="Also ask the second opinion where the model is not sure (needs the extra "
            "semantic)."
        ),
    ] = False,
    encoding: Annotated[
        str, typer.Option(help="Encoding of the file; found automatically if left out.")
    ] = "",
    force: FORCE = False,
) -> ClassificationRun:
    """Classify the complaints of FILE, or learn from corrected ones, or both."""
    if file is None and learn is None and not use and not from_desk:
        raise BadInput(
            _("There is nothing to do."),
            next_step=_("Name a FILE to classify, --learn a file, --from-desk, or --use a model."),
            code="unable_to_classify_file",
        )
    if (file is None) != (out is None):
        raise BadInput(
            _("FILE and --out belong together."),
            next_step=_("Name the CSV file to write with --out."),
            code="unable_to_classify_file",
        )
    inputs = (file, learn)
    check_output(out, force=force, inputs=inputs)
    check_not_read(_rejects_of(out), inputs)
    outcome: dict[str, Any] = {}
    if use:
        outcome["in_use"] = _use(use)
    if learn is not None or from_desk:
        labels = _labels(learn, text, label, label2, encoding) if learn else []
        labels += _corrected() if from_desk else []
        outcome["learned"] = _learn(labels, even_if_worse)
    if file is None or out is None:
        return ClassificationRun(**outcome)
    source = _meaning() if with_meaning else None
    return ClassifiedFile(**outcome, **_classify(file, text, out, encoding, source))


def _meaning() -> Vectors:
    from amends.cases.complaints.actions.operator_model import vectors

    source = vectors()
    if source is None:
        raise BadInput(
            _("The second opinion is not installed."),
            next_step=_("Install amends[semantic], or leave out %(option)s.")
            % {"option": "--with-meaning"},
            code="unable_to_classify_file",
        )
    return source


def _classify(
    file: Path, text: str, out: Path, encoding: str, source: Vectors | None
) -> dict[str, Any]:
    from amends.engines.classification.classify import FOREIGN_FROM, classify_columns
    from amends.engines.classification.operator_models import model_in_use

    began = time.monotonic()
    table = read_table(file, encoding=encoding, flat=True)
    texts = _texts(table, text, file)
    model = model_in_use(_folder())
    rows: list[tuple[str, str, str]] = []
    ask_count = foreign = by_meaning_count = 0
    with bar(_("Classifying"), quiet=len(texts) < AT_A_TIME) as progress:
        for low in range(0, len(texts), AT_A_TIME):
            part = classify_columns(texts[low : low + AT_A_TIME], model=model, vectors=source)
            sure = (f"{value:.4f}" for value in part.confidence.tolist())
            rows += zip(part.names(), part.second_names(), sure, strict=True)
            ask_count += int(part.ask.sum())
            foreign += int((part.foreign_share >= FOREIGN_FROM).sum())
            by_meaning_count += int(part.by_meaning.sum())
            progress(len(rows), len(texts))
    rejects = _write(table, rows, out)
    return {
        "read": table.read,
        "classified": len(rows),
        "rejected": len(table.rejects),
        "rejects_file": rejects,
        "ask": ask_count,
        "foreign": foreign,
        "by_meaning": by_meaning_count,
        "model": model.version,
        "out": str(out),
        "seconds": round(time.monotonic() - began, 3),
        "notes": table.notes,
        "codes": dict(Counter(row[0] for row in rows).most_common()),
    }


def _write(table: Table, rows: list[tuple[str, str, str]], out: Path) -> str:
    """Write the rows with their codes, and the refused ones beside; where those went, or ""."""
    keep = [index for index, name in enumerate(table.header) if name not in ADDED]
    if len(keep) < len(table.header):
        table.notes.append(_("The file had columns named like ours; they were replaced."))
    header = [*(table.header[index] for index in keep), *ADDED]

    rejects = _rejects_of(out)
    try:
        with out.open("w", encoding="utf-8", newline="") as target:
            write_csv(
                target,
                header,
                (
                    [*(row[index] for index in keep), *added]
                    for row, added in zip(table.rows, rows, strict=True)
                ),
                for_spreadsheet=False,
            )
        if not table.rejects or rejects is None:
            return ""
        table.notes += note_renamed(keep_rejects(rejects, table.header, table.rejects, translate=_))
    except OSError as error:
        raise BadInput(
            _("%(file)s cannot be written: %(why)s.")
            % {"file": out, "why": _(error.strerror or "")},
            code="unable_to_classify_file",
        ) from error
    return str(rejects)


def _rejects_of(out: Path | None) -> Path | None:
    return out and out.with_name(f"{out.stem}.rejects.csv")


def _use(version: str) -> str:
    from amends.engines.classification.operator_models import use_model

    use_model(version, directory=_folder())
    return version


def _labels(file: Path, text: str, label: str, label2: str, encoding: str) -> list[Labelled]:
    from amends.engines.classification.model.learning import Labelled

    table = read_table(file, encoding=encoding, flat=True)
    second = table.column(label2) if label2 in table.header else [""] * len(table.rows)
    labels = [
        Labelled(labelled_text, code.strip(), code2.strip())
        for labelled_text, code, code2 in zip(
            _texts(table, text, file), _column(table, label, file), second, strict=True
        )
    ]
    _know_codes(labels, table, file, (label, label2))
    return labels


def _corrected() -> list[Labelled]:
    prepare_tables()
    from amends.cases.complaints.queries.corrections import corrected_texts
    from amends.engines.classification.model.learning import Labelled

    return [Labelled(labelled_text, code, "") for labelled_text, code in corrected_texts()]


def _learn(labels: list[Labelled], worse: bool) -> dict[str, Any]:
    from amends.engines.classification.operator_models import learn_labels

    caption = ngettext("Learning from %(count)s text", "Learning from %(count)s texts", len(labels))
    with bar(caption % {"count": f"{len(labels):,}"}):
        learnt = learn_labels(
            labels, directory=_folder(), now=datetime.now(UTC), even_if_worse=worse
        )
    return {
        **asdict(learnt.report),
        "model": learnt.version,
        "file": str(learnt.path),
        "adopted": learnt.adopted,
    }


def _know_codes(labels: list[Labelled], table: Table, file: Path, columns: tuple[str, str]) -> None:
    from amends.engines.classification.classify import shipped_model

    known_codes = {"", *shipped_model().codes}
    for line, row in zip(table.lines, labels, strict=True):
        for column, code in zip(columns, (row.code, row.code2), strict=True):
            if code not in known_codes:
                raise BadInput(
                    _("“%(code)s” is not a code of the taxonomy.") % {"code": code},
                    where=_("%(file)s, line %(line)s, column %(column)s"),
                    at={"file": file.name, "line": line, "column": column},
                    next_step=_("The codes are listed in docs/classification.md."),
                    code="unable_to_classify_file",
                )


def _folder() -> Path:
    return data_dir() / "classification"


def _column(table: Table, name: str, file: Path) -> list[str]:
    if name not in table.header:
        raise BadInput(
            _("There is no column “%(name)s”; there are %(known)s.")
            % {"name": name, "known": ", ".join(table.header[:20])},
            where=_("%(file)s, line %(line)s"),
            at={"file": file.name, "line": 1},
            next_step=_("Choose one of them."),
            code="unable_to_classify_file",
        )
    return table.column(name)


def _texts(table: Table, name: str, file: Path) -> list[str]:
    """The column of texts: the one that is named, else the one that looks like it."""
    if name:
        return _column(table, name, file)
    chosen_columns = choose_columns(table.header, table.rows, narrative_roles())
    texts = narrative(table.header, chosen_columns)
    if not texts.columns and not texts.topics:
        raise BadInput(
            _("No column looks like a text; there are %(known)s.")
            % {"known": ", ".join(table.header[:20])},
            where=file.name,
            next_step=_("Name it with --text COLUMN."),
            code="unable_to_classify_file",
        )
    columns = " + ".join(texts.columns or texts.topics)
    table.notes.append(_("Texts: column “%(column)s”.") % {"column": columns})
    return texts.texts(table.rows)
