"""The first charter, in both languages, and the topics most companies start from.

A company may publish its own version 2; version 1, like any other, never changes once accepted.
"""

from django.db import migrations
from django.utils import timezone

CHARTER_FR = """\
## Les règles, en six phrases

1. C’est volontaire. Vous dites oui, non ou plus tard, sans explication; ne rien partager est une bonne réponse.
2. Rien n’est publié à votre place. Vous choisissez le contenu, les mots, le réseau et le moment.
3. Vous restez franc. Une courte mention au début de chaque publication dit où vous travaillez.
4. Vous parlez en votre nom. Changez nos mots, ajoutez les vôtres; ne partagez pas ce que vous ne croyez pas.
5. Vous protégez les autres. Pas de renseignement confidentiel, pas de photo d’une personne sans son accord, pas de dispute en notre nom.
6. Vous partez quand vous voulez, en deux clics. Votre emploi, vos évaluations et vos avantages n’en dépendent jamais.

## Ce que nous mesurons

- Les clics sur vos liens courts : combien, quel jour et sur quel réseau. Jamais qui a cliqué.
- Ce que vous nous dites : « c’est publié », « pas cette fois », et la taille de votre public si vous voulez la donner.
- Vos chiffres ne se montrent qu’à vous. Les personnes qui gèrent le programme voient des totaux, d’au moins cinq personnes.

## Ce que nous ne voyons jamais

- Vos mots de passe et vos comptes : vous n’avez rien à relier.
- Vos contacts, vos messages, et ce que vous publiez par ailleurs.
- Qui a ouvert un courriel : nos courriels ne contiennent aucun pixel espion.

## Vos droits

Vous pouvez consulter, corriger et effacer ce que nous gardons sur vous, ou reprendre un accord que vous avez donné. Si vous partez, vos liens continuent de mener au même endroit, mais ils ne portent plus votre nom. Si un contenu se révèle faux, nous vous prévenons et nous le retirons.
"""

CHARTER_EN = """\
## The rules, in six sentences

1. It’s voluntary. You say yes, no or later, without a reason; sharing nothing is a fine answer.
2. Nothing is posted for you. You choose the content, the words, the network and the moment.
3. You are open about it. A short line at the start of each post says where you work.
4. You speak for yourself. Change our words, add your own; do not share what you do not believe.
5. You protect others. No confidential information, no picture of a person who has not agreed, no arguments in our name.
6. You leave whenever you like, in two clicks. Your job, your reviews and your benefits never depend on it.

## What we measure

- Clicks on your short links: how many, on which day and which network. Never who clicked.
- What you tell us: “it’s live”, “not this time”, and the size of your audience if you care to give it.
- Your figures are shown to you alone. The people who run the programme see totals, of five people or more.

## What we never see

- Your passwords and your accounts: there is nothing to link.
- Your contacts, your messages, and whatever else you post.
- Who opened an e-mail: ours hold no tracking pixel.

## Your rights

You may see, correct and erase what we keep about you, and take back any agreement you gave. If you leave, your links still lead where they did, but no longer carry your name. If something we gave you turns out to be wrong, we tell you and withdraw it.
"""

TOPICS = [
    ("equipe", "Vie d’équipe", "Life on the team"),
    ("emplois", "Offres d’emploi", "Job openings"),
    ("metiers", "Nos métiers", "What we do"),
    ("clients", "Nos clients", "Our customers"),
    ("innovation", "Innovation", "Innovation"),
    ("environnement", "Environnement", "Environment"),
    ("communaute", "Dans la communauté", "In the community"),
    ("outils", "Nouveaux outils", "New tools"),
]


def seed(apps, schema_editor):
    Charter = apps.get_model("ambassadors", "Charter")
    if not Charter.objects.exists():
        Charter.objects.create(
            version=1, text_fr=CHARTER_FR, text_en=CHARTER_EN, published_at=timezone.now()
        )
    Topic = apps.get_model("ambassadors", "Topic")
    for position, (slug, name, name_en) in enumerate(TOPICS):
        fields = {"name": name, "name_en": name_en, "position": position}
        Topic.objects.get_or_create(slug=slug, defaults=fields)


class Migration(migrations.Migration):
    dependencies = [("ambassadors", "0002_instance_and_rhythm")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
