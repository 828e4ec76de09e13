from django.urls import path

from activity.mailing import pages

urlpatterns = [
    path("sending/addresses/", pages.suppression_list, name="suppression-list"),
    path("sending/addresses/<int:pk>/", pages.suppression_remove, name="suppression-remove"),
    path("sending/domain/", pages.mail_domain, name="mail-domain"),
    path("returns/", pages.returns, name="returns"),
]
