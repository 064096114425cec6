"""Addresses of marketing."""

from django.urls import path
from django.urls.resolvers import URLPattern

from marketing import views

app_name = "marketing"

urlpatterns: list[URLPattern] = [
    path("dashboard/", views.Dashboard.as_view(), name="dashboard"),
    path("marketing/days/<str:day>/", views.DaySheetScreen.as_view(), name="day"),
]
