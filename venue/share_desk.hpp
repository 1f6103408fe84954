// ShareDesk: the books of the accounts that trade shares on the paper exchange, and the market that
// they trade in. Requests go in and answers come out; whatever changes is handed to `keep` before
// anybody is told of it. One thread; no clock, no socket.
#pragma once

#include <functional>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "ipc/share_message.hpp"
#include "venue/share_market.hpp"
#include "venue/share_record.hpp"

namespace bullpen::venue {

// Where records go, and a line for the venue's log of what happened.
struct ShareKeeper {
    std::function<void(ShareBookRecord)> book;
    std::function<void(ShareMarketRecord)> market;
    std::function<void(ShareFactsRecord)> facts;
    std::function<void(const std::string& account, const std::string& text)> note;
};

class ShareDesk {
  public:
    // An order that ended is told for so many days after its own.
    static constexpr std::chrono::days k_order_days{7};

    ShareDesk(ShareMarket market, ShareKeeper keeper);

    [[nodiscard]] ShareMarket& market() { return market_; }
    [[nodiscard]] const ShareMarket& market() const { return market_; }

    // The pages of an answer; at least one.
    std::vector<ipc::ShareReply> serve(const std::string& account, model::Money cash,
                                       const ipc::ShareRequest& request);
    // The market's next minute, for all books.
    ShareStep step();
    // By an administrator: the price in this minute. From now on an order takes at most `most` of a
    // price; a venue that is started anew knows of no such limit.
    Result<void> set_price(const std::string& symbol, model::Price price,
                           std::int64_t most = std::numeric_limits<std::int64_t>::max());
    // What the market's time is told with.
    [[nodiscard]] ipc::ShareReply time_told() const;

    [[nodiscard]] const matching::ShareBook* find(const std::string& account) const;
    // Whether there is an account here at all.
    [[nodiscard]] bool used() const { return !accounts_.empty(); }

    // --- the book of the venue ------------------------------------------------------------------
    void apply(const ShareBookRecord& record, model::Money cash);
    void apply(const ShareMarketRecord& record) { market_.resume(record.at, record.open); }
    void apply(const ShareFactsRecord& record) { market_.resume(record.symbol, record.facts); }
    // After all records.
    void resume();
    // Everything, for a snapshot: to `keeper`, as if it had changed.
    void keep_all(const ShareKeeper& keeper) const;

  private:
    struct Account {
        matching::ShareBook book;
        std::map<std::string, matching::ShareRef> shares;
    };
    Account& account(const std::string& name, model::Money cash);
    // None when it is not listed.
    std::optional<matching::ShareRef> share(Account& account, const std::string& symbol);
    matching::ShareRef listed(Account& account, const std::string& symbol);
    void keep_changes(const std::string& name, Account& account, bool all_lines);
    [[nodiscard]] std::int64_t most_of(const std::string& symbol) const;
    void follow_day(Account& account, const ShareStep& step);
    void keep_market(const ShareStep& step);
    void note_event(const std::string& name, const Account& account,
                    const matching::ShareEvent& event);
    void answer(Account& account, const ipc::ShareRequest& request, ipc::ShareReply* reply);
    [[nodiscard]] std::vector<ipc::ShareReply> tell_orders(const Account& account) const;
    [[nodiscard]] std::vector<ipc::ShareReply> tell_triggers(const Account& account) const;
    [[nodiscard]] std::vector<ipc::ShareReply> tell_account(const Account& account) const;
    std::vector<ipc::ShareReply> tell_quotes(const std::vector<std::string>& symbols);

    ShareMarket market_;
    ShareKeeper keeper_;
    std::map<std::string, Account> accounts_;
    std::map<std::string, std::int64_t> most_;  // by symbol; all: none
};

}  // namespace bullpen::venue
