from django.urls import path

from campaigns.variants import views

urlpatterns = [
    path("library/<int:pk>/compare/", views.content_variants, name="content-variants"),
]
