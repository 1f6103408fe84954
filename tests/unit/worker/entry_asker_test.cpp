// What a worker's beats say of an entry that needs leave, and which answers are meant.
#include "worker/entry_asker.hpp"

#include <doctest/doctest.h>

using namespace bullpen;
using worker::EntryAsker;
using Verdict = EntryAsker::Verdict;

namespace {

MonoTime after(int ms) {
    return MonoTime(std::chrono::hours(1)) + Millis(ms);
}

}  // namespace

TEST_CASE("a question is told at once, again every half second, and not after two seconds") {
    EntryAsker asker;
    CHECK_FALSE(asker.wish("ES"));
    CHECK_FALSE(asker.beat_due(after(0)));
    CHECK_FALSE(asker.next_deadline());
    asker.follow(-2, after(0));
    CHECK(asker.wish("ES") == ipc::EntryWish{1, "ES", -2, false});
    CHECK(asker.beat_due(after(0)));
    asker.on_beat_sent(after(0));
    CHECK_FALSE(asker.beat_due(after(499)));
    CHECK(asker.beat_due(after(500)));
    CHECK(asker.next_deadline() == after(500));
    CHECK(asker.verdict(true, after(1999)) == Verdict::waiting);
    CHECK(asker.verdict(true, after(2000)) == Verdict::unanswered);
    // Without a connection nobody will answer.
    CHECK(asker.verdict(false, after(1)) == Verdict::unanswered);
    // That it is given up is told at once too.
    asker.on_beat_sent(after(1900));
    asker.follow(std::nullopt, after(2000));
    CHECK_FALSE(asker.wish("ES"));
    CHECK(asker.beat_due(after(2000)));
    asker.on_beat_sent(after(2000));
    CHECK_FALSE(asker.next_deadline());
}

TEST_CASE("an answer to another question says nothing") {
    EntryAsker asker;
    asker.on_grant({1, true, ""});
    asker.follow(1, after(0));
    asker.on_grant({2, true, ""});
    asker.on_grant({0, true, ""});
    CHECK(asker.verdict(true, after(1)) == Verdict::waiting);
    asker.on_grant({1, false, "bea is short"});
    CHECK(asker.verdict(true, after(1)) == Verdict::refused);
    CHECK(asker.words() == "bea is short");
    // The first answer counts.
    asker.on_grant({1, true, ""});
    CHECK(asker.verdict(true, after(1)) == Verdict::refused);
    asker.follow(std::nullopt, after(1));
    // A late one is for the question before.
    asker.follow(1, after(2));
    asker.on_grant({1, true, ""});
    CHECK(asker.verdict(true, after(3)) == Verdict::waiting);
    asker.on_grant({2, true, ""});
    CHECK(asker.verdict(true, after(3)) == Verdict::granted);
    CHECK(asker.wish("ES")->granted);
}

TEST_CASE("what was asked on a connection is given up with it") {
    EntryAsker asker;
    asker.follow(1, after(0));
    asker.on_new_connection();
    CHECK(asker.verdict(true, after(1)) == Verdict::refused);
    asker.on_grant({1, true, ""});
    CHECK(asker.verdict(true, after(1)) == Verdict::refused);
    // A grant that is there already was given before the connection was lost.
    asker.follow(std::nullopt, after(1));
    asker.follow(1, after(2));
    asker.on_grant({2, true, ""});
    asker.on_new_connection();
    CHECK(asker.verdict(true, after(3)) == Verdict::granted);
}
