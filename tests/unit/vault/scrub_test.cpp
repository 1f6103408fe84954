// What is taken out of the words of an account's worker, and when none of them may be kept.
#include "common/vault/scrub.hpp"

#include <doctest/doctest.h>

#include "common/base/errc.hpp"
#include "common/vault/store.hpp"
#include "tests/unit/vault/support.hpp"

namespace bullpen::vault {

namespace {

const AccountId k_anna = test::account_id("anna");

SealedFile sealed(std::string_view value, unsigned char key = 1) {
    return seal(test::credentials_of("anna", {{"api_key", value}}), test::key_from(key));
}
LoadedFile loaded(std::optional<SealedFile> file) {
    return std::make_shared<const Result<std::optional<SealedFile>>>(std::move(file));
}
std::shared_ptr<const KeyRing> ring(unsigned char first) {
    return std::make_shared<const KeyRing>(test::ring_of(first));
}

}  // namespace

TEST_CASE("what a worker may still hold is hidden: the value in force and all before it") {
    const test::TemporaryHome home;
    SealedHistory history;
    for (const auto* value : {"first-value", "second-value", "third-value"})
        history.take(loaded(sealed(value)));
    history.take(loaded(std::nullopt));  // and then it was removed
    const auto scrub = scrub_with(home.home(), k_anna, history, ring(1));
    const auto text = scrub("first-value, second-value, third-value, fourth-value");
    REQUIRE(text);
    CHECK(*text == "[redacted], [redacted], [redacted], fourth-value");
}

TEST_CASE("what the vault keeps from before this daemon is hidden too") {
    const test::TemporaryHome home;
    storage::SystemFileSystem files;
    auto lock = StoreLock::take(home.home());
    REQUIRE(lock);
    Store store(home.home(), files, *lock);
    test::must(store.save(sealed("before-value")));
    test::must(store.save(sealed("after-value")));
    CHECK(load_previous(home.home(), k_anna)->has_value());
    SealedHistory history;
    history.take(loaded(sealed("after-value")));
    const auto scrub = scrub_with(home.home(), k_anna, history, ring(1));
    CHECK(scrub("before-value after-value").value_or("") == "[redacted] [redacted]");
}

TEST_CASE("while nobody knows the values nothing is kept of an account that has some") {
    const test::TemporaryHome home;
    SealedHistory has;
    has.take(loaded(sealed("some-value")));
    CHECK_FALSE(scrub_with(home.home(), k_anna, has, nullptr)("words"));
    // Sealed by another key, as for another account.
    CHECK_FALSE(scrub_with(home.home(), k_anna, has, ring(9))("words"));
    SealedHistory unread;
    unread.take(std::make_shared<const Result<std::optional<SealedFile>>>(
        fail(Errc::refused, "others may read it")));
    CHECK_FALSE(scrub_with(home.home(), k_anna, unread, ring(1))("words"));
    SealedHistory had = has;
    had.take(loaded(std::nullopt));
    CHECK_FALSE(scrub_with(home.home(), k_anna, had, nullptr)("words"));

    SealedHistory none;
    CHECK(scrub_with(home.home(), k_anna, none, nullptr)("words") == "words");
    none.take(loaded(std::nullopt));
    CHECK(scrub_with(home.home(), k_anna, none, nullptr)("words") == "words");
}

TEST_CASE("a key that was changed keeps no words back: the values stayed the same") {
    const test::TemporaryHome home;
    SealedHistory history;
    history.take(loaded(sealed("one-value", 1)));
    history.take(loaded(sealed("one-value", 7)));
    CHECK(scrub_with(home.home(), k_anna, history, ring(7))("one-value") == "[redacted]");
}

TEST_CASE("what was before is remembered once, and not for ever") {
    SealedHistory history;
    for (int i = 0; i < 3; ++i)
        history.take(loaded(sealed("same")));
    CHECK(history.earlier().size() <= 2);
    for (int i = 0; i < 50; ++i)
        history.take(loaded(sealed("value-" + std::to_string(i))));
    CHECK(history.earlier().size() == SealedHistory::k_earlier_max);
}

}  // namespace bullpen::vault
