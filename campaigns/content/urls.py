from django.urls import path

from campaigns.content import composer, evidence, featuring, keeping, phrases, views

urlpatterns = [
    path("library/new/", composer.content_new, name="content-new"),
    path("library/preview/", composer.content_preview, name="content-preview"),
    path("library/read/", composer.content_read, name="content-read"),
    path("library/keep/", keeping.content_keep, name="content-keep"),
    path("library/kept/discard/", keeping.content_discard, name="content-discard"),
    path("library/words/", phrases.phrase_list, name="phrase-list"),
    path("library/words/<int:pk>/remove/", phrases.phrase_remove, name="phrase-remove"),
    path("library/<int:pk>/", views.content_detail, name="content-detail"),
    path("library/<int:pk>/edit/", composer.content_edit, name="content-edit"),
    path("library/<int:pk>/submit/", views.content_submit, name="content-submit"),
    path("library/<int:pk>/take-back/", views.content_take_back, name="content-take-back"),
    path("library/<int:pk>/withdraw/", views.content_withdraw, name="content-withdraw"),
    path("library/<int:pk>/revive/", evidence.content_revive, name="content-revive"),
    path("library/claims/<int:pk>/", evidence.claim_renew, name="claim-renew"),
    path("library/<int:pk>/feature/", featuring.content_feature, name="content-feature"),
    path("library/<int:pk>/unfeature/", featuring.content_unfeature, name="content-unfeature"),
    path("library/<int:pk>/copy/", views.content_copy, name="content-copy"),
    path("library/<int:pk>/texts/new/", views.caption_new, name="caption-new"),
    path("library/texts/<int:pk>/", views.caption_edit, name="caption-edit"),
]
