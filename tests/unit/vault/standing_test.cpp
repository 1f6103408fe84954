#include "common/vault/standing.hpp"

#include <doctest/doctest.h>

#include "common/base/errc.hpp"
#include "tests/unit/vault/support.hpp"

using namespace bullpen;
using namespace bullpen::vault;
using model::Reason;
using Loaded = Result<std::optional<SealedFile>>;

namespace {

const UtcTime k_now = parse_utc("2026-11-21T12:00:00.000Z").value();

config::AccountSettings account_at(const char* broker) {
    config::AccountSettings settings(test::account_id("anna"));
    settings.broker = broker;
    return settings;
}

Loaded nothing() {
    return std::optional<SealedFile>();
}

Loaded kite_file(std::optional<UtcTime> token_ends) {
    auto credentials = test::credentials_of("anna", {{"api_key", "k"}, {"api_secret", "s"}});
    test::must(credentials.put({"access_token", test::secret("t"), {}, token_ends}));
    return std::optional(seal(credentials, test::key_from(1)));
}

Standing stands(const config::AccountSettings& settings, const Loaded& file) {
    const auto ring = test::ring_of(1);
    return standing(settings, file, &ring, "", k_now);
}

}  // namespace

TEST_CASE("an account on paper needs nothing, and one at a broker of the table all it says") {
    CHECK(needed_fields(account_at("paper"), false).empty());
    CHECK(needed_fields(account_at("elsewhere"), true).empty());
    CHECK(needed_fields(account_at("kite"), false) ==
          std::vector<std::string>{"access_token", "api_key", "api_secret"});
    CHECK(stands(account_at("paper"), nothing()) == Standing{});
}

TEST_CASE("a program of its own brings its credentials itself, unless some are in the vault") {
    auto settings = account_at("kite");
    settings.command = {"bot.py"};
    CHECK(needed_fields(settings, false).empty());
    CHECK(stands(settings, nothing()) == Standing{});
    CHECK(needed_fields(settings, true).size() == 3);
    settings.broker = "elsewhere";
    settings.credentials_environment = {"BOT_KEY=key", "BOT_KEY_AGAIN=key", "BOT_ID=id"};
    CHECK(needed_fields(settings, false) == std::vector<std::string>{"id", "key"});
    CHECK(stands(settings, nothing()).reason == Reason::token_missing);
}

TEST_CASE("what is missing is named, with the command that supplies it") {
    const auto stood = stands(account_at("kite"), nothing());
    CHECK(stood.reason == Reason::token_missing);
    CHECK_FALSE(stood.sealed);
    CHECK(stood.detail ==
          "it has no access_token, api_key, api_secret for kite; bullpenctl credentials set anna");
    const auto one = stands(
        account_at("projectx"),
        std::optional(seal(test::credentials_of("anna", {{"api_key", "k"}}), test::key_from(1))));
    CHECK(one.detail ==
          "it has no user_name for projectx; bullpenctl credentials set anna user_name");
}

TEST_CASE("a token is good until it ends, and not at that instant any more") {
    const auto settings = account_at("kite");
    const auto good = stands(settings, kite_file(k_now + Millis(1)));
    CHECK(good.reason == Reason::none);
    CHECK(good.sealed);
    CHECK(good.good_until == k_now + Millis(1));
    CHECK_FALSE(stands(settings, kite_file({})).good_until.has_value());
    const auto over = stands(settings, kite_file(k_now));
    CHECK(over.reason == Reason::token_missing);
    CHECK(over.detail ==
          "its access_token ended at 2026-11-21T12:00:00.000Z; bullpenctl credentials set anna "
          "access_token");
}

TEST_CASE("a token that an account has and does not need ends like one that it needs") {
    const auto paper = account_at("paper");
    const auto with_token = [](std::optional<UtcTime> ends) -> Loaded {
        vault::Credentials credentials(test::account_id("anna"));
        test::must(credentials.put({"access_token", test::secret("t"), {}, ends}));
        return std::optional(seal(credentials, test::key_from(1)));
    };
    CHECK(needed_fields(paper, true).empty());
    const auto good = stands(paper, with_token(k_now + Millis(1)));
    CHECK(good.reason == Reason::none);
    CHECK(good.good_until == k_now + Millis(1));
    CHECK(good.ends_first == "access_token");
    CHECK(stands(paper, with_token(k_now)).reason == Reason::token_missing);
    CHECK(stands(paper, with_token({})).ends_first.empty());
    // What no broker of the table knows is a program's own, and it may end as it likes.
    CHECK(stands(account_at("elsewhere"), with_token(k_now)).reason == Reason::none);
}

TEST_CASE("without a key an account with something sealed waits for the vault, and no other") {
    const auto settings = account_at("kite");
    const auto locked = standing(settings, kite_file({}), nullptr, "give the passphrase", k_now);
    CHECK(locked.reason == Reason::vault_locked);
    CHECK(locked.detail == "give the passphrase");
    CHECK(standing(account_at("paper"), nothing(), nullptr, "x", k_now).reason == Reason::none);
    // Nothing is sealed: a key would not help.
    CHECK(standing(settings, nothing(), nullptr, "x", k_now).reason == Reason::token_missing);
    const auto ring = test::ring_of(8);
    CHECK(standing(settings, kite_file({}), &ring, "", k_now).reason == Reason::vault_locked);
}

TEST_CASE("of the two gates the one that stands is shut before the other opens") {
    for (const auto reason : {Reason::none, Reason::vault_locked, Reason::token_missing}) {
        Standing stood;
        stood.reason = reason;
        const auto gates = stood.gates();
        CHECK(gates[0] != gates[1]);
        CHECK((reason == Reason::none || gates[0] == reason));
        for (const auto gate : gates)
            CHECK((gate == Reason::vault_locked || gate == Reason::token_missing));
    }
}

TEST_CASE("a file that cannot be used keeps the account from starting and says why") {
    const auto settings = account_at("kite");
    const Loaded refused = fail(Errc::refused, "anna.sealed may be read by others");
    CHECK(stands(settings, refused).reason == Reason::token_missing);
    CHECK(stands(settings, refused).detail.find("read by others") != std::string::npos);
    const Loaded swapped =
        std::optional(seal(test::credentials_of("ben", {{"api_key", "k"}}), test::key_from(1)));
    const auto stood = stands(settings, swapped);
    CHECK(stood.reason == Reason::token_missing);
    CHECK(stood.detail.find("sealed for account 'ben'") != std::string::npos);
    // Also where nothing is needed: what is sealed there is to be looked after.
    CHECK(stands(account_at("paper"), swapped).reason == Reason::token_missing);
}
