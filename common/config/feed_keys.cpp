#include "common/config/feed_keys.hpp"

#include "common/config/rules.hpp"

namespace bullpen::config {

namespace {

using A = AccountSettings;
using F = FeedSettings;
using enum Effect;

void add_market(std::vector<Key<A>>& all) {
    all.push_back(key<A, &A::feed, &F::kind>({.name = "feed.kind",
                                              .type = KeyType::word,
                                              .effect = worker_restart,
                                              .description = "Where market data comes from."}));
    all.push_back(
        key<A, &A::feed, &F::instrument>({.name = "feed.instrument",
                                          .effect = worker_restart,
                                          .length_max = 16,
                                          .fits = is_instrument,
                                          .may_be_empty = false,
                                          .shape = "capital letters and digits, as in MES",
                                          .description = "What is traded."}));
    all.push_back(
        key<A, &A::feed, &F::seed>({.name = "feed.seed",
                                    .type = KeyType::integer,
                                    .effect = worker_restart,
                                    .description = "The synthetic market's seed: the same seed is "
                                                   "the same market."}));
    all.push_back(key<A, &A::feed, &F::history>(
        {.name = "feed.history",
         .type = KeyType::integer,
         .effect = worker_restart,
         .max = 1'000'000,
         .description =
             "How many of the source's first bars are over when the market begins: "
             "indicators warm up with them, and nothing is traded on them. 1500 bars "
             "of a minute warm up every indicator. A paper market that has begun goes on "
             "where it is: with a larger number its account waits for so many bars."}));
    all.push_back(key<A, &A::feed, &F::file>(
        {.name = "feed.file",
         .type = KeyType::path,
         .effect = worker_restart,
         .length_max = 1024,
         .fits = is_contained_path,
         .shape = "a path without '..'",
         .description = "The file of bars to replay, CSV or CSV.gz; a relative path is below HOME. "
                        "Needed with `feed.kind = \"replay\"`."}));
    all.push_back(
        key<A, &A::feed, &F::speed>({.name = "feed.speed",
                                     .type = KeyType::number,
                                     .effect = worker_restart,
                                     .number_min = 0.001,
                                     .number_max = 1'000'000,
                                     .description = "Seconds of the market in a second of real "
                                                    "time. Of the accounts of one paper market the "
                                                    "first, by name, says it."}));
    all.push_back(key<A, &A::feed, &F::ticks>(
        {.name = "feed.ticks",
         .type = KeyType::flag,
         .effect = worker_restart,
         .description = "Whether the paper exchange tells trades, bids and asks "
                        "within the minute: bars are made of the trades, exits "
                        "are judged at each of them, and spreads act. For bars "
                        "of a minute, and accounts whose `trading` is `on`."}));
}

// What a replayed file does not say by itself.
void add_form(std::vector<Key<A>>& all) {
    all.push_back(key<A, &A::feed, &F::time_zone>(
        {.name = "feed.time_zone",
         .effect = worker_restart,
         .length_max = 64,
         .fits = is_time_zone,
         .shape = "an IANA time zone that this system knows, as in America/New_York",
         .empty = "the file says it",
         .description = "The zone of a replayed file's times."}));
    all.push_back(key<A, &A::feed, &F::labels>(
        {.name = "feed.labels",
         .type = KeyType::word,
         .effect = worker_restart,
         .description = "Whether a replayed bar's time is its start or its end."}));
    all.push_back(key<A, &A::feed, &F::date_order>(
        {.name = "feed.date_order",
         .type = KeyType::word,
         .effect = worker_restart,
         .description = "Which number of a replayed file's dates like 04/07/2025 is the month. "
                        "`unstated` takes what the file proves, and refuses one that proves "
                        "nothing."}));
    all.push_back(key<A, &A::feed, &F::contract>(
        {.name = "feed.contract",
         .effect = worker_restart,
         .length_max = 32,
         .fits = is_trimmed,
         .shape = "printable text without blanks at its ends",
         .empty = "every row",
         .description = "Takes only the rows of a replayed file with this text in the column of "
                        "the contract or symbol, as in ESM5; for files with several of them."}));
}

}  // namespace

void add_feed_keys(std::vector<Key<A>>& all) {
    add_market(all);
    add_form(all);
}

}  // namespace bullpen::config
