from django.urls import path

from activity.push import pages

urlpatterns = [
    path("", pages.push_browsers, name="push-browsers"),
    path("add/", pages.push_add, name="push-add"),
    path("<int:pk>/remove/", pages.push_remove, name="push-remove"),
    path("<int:pk>/test/", pages.push_test, name="push-test"),
]
