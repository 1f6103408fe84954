// The records of the venue's book that are about shares; see record.hpp. Each says what is true
// after it. Inside this library only.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "common/matching/shares.hpp"
#include "ipc/json_reader.hpp"
#include "ipc/json_writer.hpp"
#include "venue/share_market.hpp"

namespace bullpen::venue {

// What one command or one price changed in the book of one account: all of it in one record, so
// that no death leaves a half of it. Of the references in it only the names count.
struct ShareBookRecord {
    std::string account;
    matching::ShareBookHead head;
    std::vector<std::pair<std::string, matching::ShareLine>> lines;  // by symbol
    std::vector<std::pair<std::string, matching::ShareOrder>> orders;
    std::vector<std::pair<std::string, matching::Trigger>> triggers;
};

// How far the market of shares is.
struct ShareMarketRecord {
    UtcTime at{};
    bool open = false;
    friend bool operator==(const ShareMarketRecord&, const ShareMarketRecord&) = default;
};

// A share as it stood when its day began or ended, or when an administrator set its price.
struct ShareFactsRecord {
    std::string symbol;
    ShareFacts facts;
    friend bool operator==(const ShareFactsRecord&, const ShareFactsRecord&) = default;
};

void write(ipc::JsonWriter& out, const ShareBookRecord& record);
void write(ipc::JsonWriter& out, const ShareMarketRecord& record);
void write(ipc::JsonWriter& out, const ShareFactsRecord& record);
// Errors are left in `fields`.
ShareBookRecord read_share_book(const ipc::JsonDocument& document, ipc::Fields* fields);
ShareMarketRecord read_share_market(ipc::Fields* fields);
ShareFactsRecord read_share_facts(ipc::Fields* fields);

}  // namespace bullpen::venue
