from django.urls import path

from ambassadors.privacy import desk, pages

urlpatterns = [
    path("my-data/", pages.my_data, name="my-data"),
    path("my-data/choice/", pages.my_data_choose, name="my-data-choose"),
    path("my-data/export/", pages.my_data_export, name="my-data-export"),
    path("my-data/export/<str:token>/", pages.my_data_download, name="my-data-download"),
    path("my-data/erase/", pages.my_data_erase, name="my-data-erase"),
    path("my-data/keep/", pages.my_data_keep, name="my-data-keep"),
    path("privacy/", desk.privacy_detail, name="privacy-detail"),
    path("privacy/run/", desk.privacy_run, name="privacy-run"),
    path("privacy/rights/", desk.privacy_rights, name="privacy-rights"),
    path("privacy/assessment/", desk.privacy_assessment, name="privacy-assessment"),
]
