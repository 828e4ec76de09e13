"""What components promise to the pages that use them."""

import re

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import RequestContext, Template


@pytest.fixture
def draw(rf, in_english):
    """Renders template source: `draw('<c-banner>Hi</c-banner>', name=…)`. Spaces are folded."""

    def render(source, path="/", **context):
        from django_cotton.cotton_loader import Loader

        compiler = Loader(None).cotton_compiler
        html = Template(compiler.process(source)).render(RequestContext(rf.get(path), context))
        return re.sub(r"\s+", " ", html).strip()

    return render


class LoginForm(forms.Form):
    email = forms.EmailField(help_text="At work")
    note = forms.CharField(required=False)
    agreed = forms.BooleanField(label="I agree")
    networks = forms.MultipleChoiceField(
        widget=forms.CheckboxSelectMultiple, choices=[("x", "X"), ("b", "Bluesky")]
    )


def test_a_field_is_tied_to_its_label_hint_and_error(draw):
    html = draw("{{ form.email.as_field_group }}", form=LoginForm({"email": "luc@"}))
    assert '<label for="id_email">Email' in html
    assert 'aria-invalid="true"' in html
    described = re.search(r'aria-describedby="([^"]+)"', html)[1].split()
    assert described == ["id_email_helptext", "id_email_error"]
    assert all(f'id="{name}"' in html for name in described)


def test_the_field_component_and_djangos_own_way_are_the_same(draw):
    form = LoginForm()
    assert draw('<c-field :field="form.note" />', form=form) == draw(
        "{{ form.note.as_field_group }}", form=form
    )


def test_a_field_that_may_stay_empty_says_so(draw):
    assert "optional" in draw("{{ form.note.as_field_group }}", form=LoginForm())
    assert "optional" not in draw("{{ form.email.as_field_group }}", form=LoginForm())


def test_several_boxes_are_one_named_group(draw):
    html = draw("{{ form.networks.as_field_group }}", form=LoginForm())
    assert re.match(r'<fieldset class="field"> ?<legend>Networks', html)
    assert html.count('<label class="check"') == 2


def test_a_lone_box_has_its_words_beside_it(draw):
    html = draw("{{ form.agreed.as_field_group }}", form=LoginForm())
    assert re.search(r'<label class="check" for="id_agreed"><input type="checkbox".*I agree', html)


def test_the_summary_of_errors_leads_to_each_field(draw):
    html = draw('<c-field.errors :form="form" />', form=LoginForm({}))
    assert 'href="#id_email"' in html
    assert "data-autofocus" in html
    assert draw('<c-field.errors :form="form" />', form=LoginForm()) == ""


def test_a_button_is_a_link_when_it_leads_somewhere(draw):
    assert draw('<c-button href="/a/">Go</c-button>').startswith('<a class="btn" href="/a/"')
    assert draw('<c-button kind="primary" name="go" value="1">Go</c-button>') == (
        '<button class="btn btn--primary" type="submit" name="go" value="1">Go</button>'
    )


@pytest.mark.parametrize(("flag", "there"), [(True, True), (False, False)])
def test_a_button_is_disabled_only_when_told(draw, flag, there):
    assert (" disabled" in draw('<c-button :disabled="flag">Go</c-button>', flag=flag)) is there


@pytest.mark.parametrize(
    "source",
    [
        '<c-button label="{{ x }}" data-name="{{ x }}">{{ x }}</c-button>',
        '<c-banner title="{{ x }}">{{ x }}</c-banner>',
        '<c-card title="{{ x }}" why="{{ x }}" kind="{{ x }}" alt="{{ x }}" image="/a.png" />',
        '<c-card :title="x" :why="x" :kind="x" :alt="x" image="/a.png" />',
        '<c-empty title="{{ x }}">{{ x }}</c-empty>',
        '<c-figure label="{{ x }}" value="{{ x }}" delta="{{ x }}">{{ x }}</c-figure>',
        '<c-card.panel id="p" title="{{ x }}" note="{{ x }}">{{ x }}</c-card.panel>',
        '<c-table caption="{{ x }}" :scroll="True"></c-table>',
        '<c-chart finding="{{ x }}">{{ x }}</c-chart>',
        '<c-dialog id="d" title="{{ x }}">{{ x }}</c-dialog>',
        '<c-status state="draft" title="{{ x }}">{{ x }}</c-status>',
        '<c-shell.head title="{{ x }}" hello="{{ x }}">{{ x }}</c-shell.head>',
    ],
)
def test_what_somebody_typed_never_becomes_markup(draw, source):
    html = draw(source, x="\"><script>alert('x')</script>")
    assert "<script" not in html
    assert '""><' not in html


def test_a_component_does_not_pick_up_its_pages_variables(draw):
    context = {"title": "Of the page", "kind": "danger", "actions": "Of the page", "href": "/x/"}
    assert "Of the page" not in draw("<c-empty>Nothing</c-empty>", **context)
    assert draw("<c-button>Go</c-button>", **context) == (
        '<button class="btn" type="submit" >Go</button>'
    )


@pytest.mark.parametrize(("level", "kind"), [("warning", "warn"), ("error", "danger")])
def test_djangos_message_levels_have_our_colours(draw, level, kind):
    assert f'class="note {kind}"' in draw('<c-banner :kind="level">Hi</c-banner>', level=level)


def test_the_next_page_keeps_the_filters(draw):
    page = Paginator(range(482), 25).page(2)
    html = draw('<c-pagination :page="page" />', "/people/?role=admin&page=2", page=page)
    assert "26–50 of 482" in html
    assert 'href="?role=admin&amp;page=3" rel="next"' in html
    assert 'href="?role=admin&amp;page=1" rel="prev"' in html


def test_a_column_says_how_it_is_sorted_and_turns_round(draw):
    html = draw(
        '<c-table.column key="name" :sort="sort">Name</c-table.column>', "/?q=a&page=4", sort="name"
    )
    assert 'aria-sort="ascending"' in html
    assert 'href="?q=a&amp;sort=-name"' in html


@pytest.mark.parametrize("certainty", ["measured", "declared", "estimated"])
def test_a_figure_says_how_sure_it_is_in_words_too(draw, certainty):
    html = draw(
        '<c-figure :certainty="c" label="visits" value="12">Clicks.</c-figure>', c=certainty
    )
    assert f"{certainty.capitalize()}: visits" in html
    assert f'class="stat {certainty}"' in html


def test_in_a_loop_the_tab_whose_key_is_shown_is_current(draw):
    source = """{% for key in keys %}<c-tabs.tab href="?t={{ key }}" :key="key" :at="at">{{ key }}</c-tabs.tab>{% endfor %}"""
    html = draw(source, keys=["", "a"], at="")
    assert html.count("aria-current") == 1
    assert 'href="?t=" aria-current="page"' in html
    assert 'href="?t=a" aria-current="page"' in draw(source, keys=["", "a"], at="a")
