"""Addresses of the chat: the visitor's below /chat/, the answering people's below /chats/."""

from django.urls import path

from apps.chat.web import staff, visitor

app_name = "chat"

urlpatterns = [
    path("chat/<slug:slug>/", visitor.chat, name="page"),
    path("chat/<slug:slug>/embed/", visitor.embed, name="embed"),
    path("chat/<slug:slug>/lines/", visitor.lines, name="lines"),
    path("chats/", staff.waiting, name="waiting"),
    path("chats/<uuid:chat_id>/", staff.talk, name="talk"),
    path("chats/<uuid:chat_id>/accept/", staff.accept, name="accept"),
    path("chats/<uuid:chat_id>/say/", staff.say, name="say"),
    path("chats/<uuid:chat_id>/script/", staff.script, name="script"),
    path("chats/<uuid:chat_id>/end/", staff.end, name="end"),
]
