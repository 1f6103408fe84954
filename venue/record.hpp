// The records of the venue's book: one line of JSON each, in the journal and in a snapshot alike.
// Each says what is true after it, so that reading one twice changes nothing. Accounts and markets
// are named, not numbered: their numbers differ from life to life. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "common/base/result.hpp"
#include "common/matching/types.hpp"
#include "venue/market_driver.hpp"
#include "venue/share_record.hpp"

namespace bullpen::venue {

// An account was opened, or its cash is this much now.
struct AccountRecord {
    std::string account;
    model::Money cash;
    friend bool operator==(const AccountRecord&, const AccountRecord&) = default;
};

// An event of the exchange. Of the references in it only the names count.
struct EventRecord {
    std::string account;
    std::string market;
    matching::Event event;
    model::Purpose purpose{};
    UtcTime wall{};  // by the venue's clock
};

struct PositionRecord {
    std::string account;
    std::string market;
    model::Position position;
    friend bool operator==(const PositionRecord&, const PositionRecord&) = default;
};

struct PlaceRecord {
    std::string market;
    std::string instrument;
    MarketPlace place;
    friend bool operator==(const PlaceRecord&, const PlaceRecord&) = default;
};

// A client order id that is not free any more, of an order that is not kept.
struct UsedIdRecord {
    std::string account;
    model::ClientOrderId client;
    friend bool operator==(const UsedIdRecord&, const UsedIdRecord&) = default;
};

// Numbers given out so far.
struct NumbersRecord {
    std::uint64_t orders = 0;
    std::uint64_t executions = 0;
    std::uint64_t sessions = 0;
    friend bool operator==(const NumbersRecord&, const NumbersRecord&) = default;
};

using Record = std::variant<AccountRecord, EventRecord, PositionRecord, PlaceRecord, UsedIdRecord,
                            NumbersRecord, ShareBookRecord, ShareMarketRecord, ShareFactsRecord>;

std::string encode(const Record& record);
// Errc::corrupt.
Result<Record> decode_record(std::string_view text);

}  // namespace bullpen::venue
