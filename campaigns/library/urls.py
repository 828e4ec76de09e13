from django.urls import path

from campaigns.library import bulk_views, calendar, export, import_views, topics, views

urlpatterns = [
    path("library/", views.content_list, name="content-list"),
    path("library/topics/", topics.topic_list, name="topic-list"),
    path("library/topics/<int:pk>/", topics.topic_edit, name="topic-edit"),
    path("library/topics/<int:pk>/remove/", topics.topic_remove, name="topic-remove"),
    path("library/topics/<int:pk>/up/", topics.topic_up, name="topic-up"),
    path("library/topics/<int:pk>/down/", topics.topic_down, name="topic-down"),
    path("library/together/", bulk_views.content_bulk, name="content-bulk"),
    path("library/calendar/", calendar.content_calendar, name="content-calendar"),
    path("library/export/<str:format>/", export.content_export, name="content-export"),
    path("library/import/", import_views.content_import, name="content-import"),
    path(
        "library/import/template/<str:format>/",
        import_views.content_import_template,
        name="content-import-template",
    ),
    path(
        "library/import/<int:pk>/",
        import_views.content_import_check,
        name="content-import-check",
    ),
    path(
        "library/import/<int:pk>/errors/",
        import_views.content_import_errors,
        name="content-import-errors",
    ),
]
