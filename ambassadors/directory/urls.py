from django.urls import path

from ambassadors.directory.imports import scheduling, views

urlpatterns = [
    path("people/import/", views.import_new, name="import-new"),
    path("people/import/paste/", views.import_paste, name="import-paste"),
    path("people/import/daily/", scheduling.import_schedule, name="import-schedule"),
    path("people/import/daily/now/", scheduling.import_schedule_now, name="import-schedule-now"),
    path("people/import/<int:pk>/", views.import_check, name="import-check"),
    path("people/import/<int:pk>/correct/", views.import_correct, name="import-correct"),
    path("people/import/<int:pk>/columns/", views.import_columns, name="import-columns"),
    path("people/import/<int:pk>/units/", views.import_units, name="import-units"),
    path(
        "people/import/<int:pk>/units/create/",
        views.import_units_create,
        name="import-units-create",
    ),
    path("people/import/<int:pk>/download/", views.import_download, name="import-download"),
    path("people/import/<int:pk>/cancel/", views.import_cancel, name="import-cancel"),
    path("people/import/<int:pk>/invite/", views.import_invite, name="import-invite"),
    path("people/import/<int:pk>/done/", views.import_done, name="import-done"),
    path("people/import/<int:pk>/undo/", views.import_undo, name="import-undo"),
]
