from django.urls import path

from campaigns.sources import proposing, views

urlpatterns = [
    path("library/sources/", views.source_list, name="source-list"),
    path("library/sources/new/", views.source_new, name="source-new"),
    path("library/sources/<int:pk>/", views.source_edit, name="source-edit"),
    path("library/sources/<int:pk>/pause/", views.source_pause, name="source-pause"),
    path("library/sources/<int:pk>/resume/", views.source_resume, name="source-resume"),
    path("library/sources/<int:pk>/follow/", views.source_follow, name="source-follow"),
    path("library/sources/<int:pk>/delete/", views.source_delete, name="source-delete"),
    path("library/articles/<int:pk>/bring-in/", views.article_bring_in, name="article-bring-in"),
    path("propose/", proposing.proposal_new, name="proposal-new"),
    path("proposals/", proposing.proposal_list, name="proposal-list"),
    path("proposals/<int:pk>/withdraw/", proposing.proposal_withdraw, name="proposal-withdraw"),
]
