// SPDX-License-Identifier: MIT
// Sorting lists: a stable merge sort that looks for runs that are in order already (in the manner of timsort). Short runs
// are lengthened by binary insertion; merging gallops when one side wins often.
//
// What is compared decides the comparison: lists of only ints, only floats or only strings, and of tuples, get one that is inline
// and runs no script code. Any other comparison may raise or look at the list, so such a list is empty while it is being sorted
// and its items stand in a ValueList. A comparison that raises leaves a permutation of the items.
//
// Strs that are keys, and tuples, are sorted as ranks where that pays: a number made of what decides most comparisons, and the place
// where key and item stand. These do not move meanwhile.
#include <algorithm>
#include <bit>
#include <cstdlib>
#include <vector>

#include "runtime/calls.h"
#include "runtime/heap.h"
#include "runtime/interpreter.h"
#include "runtime/objects/class_parts.h"
#include "runtime/objects/equal_inl.h"
#include "runtime/objects/int.h"
#include "runtime/objects/list_inl.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"

namespace mini {

namespace {

// --- Comparisons: 1 less, 0 not less, -1 raised ---

struct IntLess {
  int operator()(Value a, Value b) const { return a.integer < b.integer; }
};

struct FloatLess {
  int operator()(Value a, Value b) const { return a.number < b.number; }
};

struct NarrowStrLess {
  int operator()(Value a, Value b) const {
    auto x = as<Str>(a), y = as<Str>(b);
    int order = memcmp(x->data, y->data, std::min(x->length, y->length));
    return order ? order < 0 : x->length < y->length;
  }
};

int generic_less(Thread& t, Value a, Value b);

// Two tuples: the first items that differ decide.
int tuple_less(Thread& t, const Tuple* a, const Tuple* b) {
  uint64_t common = std::min(a->length, b->length);
  for (uint64_t i = 0; i < common; ++i) {
    Value x = a->items[i], y = b->items[i];
    if (x.is_same(y)) continue;
    if (x.is_int() && y.is_int()) return x.integer < y.integer;
    if (is_exact(x, Kind::Str) && is_exact(y, Kind::Str)) {   // one comparison tells both
      int order = compare_str(as<Str>(x), as<Str>(y));
      if (order == 0) continue;
      return order < 0;
    }
    int same = quick_equal(x, y);
    if (same < 0) {
      Value result = equal_values(t, x, y);
      if (result.is_raised()) return -1;
      same = result.is_true();
    }
    if (!same) return generic_less(t, x, y);
  }
  return a->length < b->length;
}

// a < b where both are of one script class: its __lt__ is called without asking for more.
Value less_by_method(Thread& t, Value a, Value b) {
  Type* type = a.is_object() && b.is_object() ? type_of(a.object) : nullptr;
  if (!type || type != type_of(b.object) || type->ops.compare != script_compare) return compare_values(t, CompareOp::Lt, a, b);
  Value method = type_lookup(type, operator_names(t).compare[static_cast<int>(CompareOp::Lt)]);
  if (!is_kind(method, Kind::Function)) return compare_values(t, CompareOp::Lt, a, b);
  Value result = call(t, method, {a, b});
  return result.is_same(t.interpreter->not_implemented) ? compare_after_left(t, CompareOp::Lt, a, b, false) : result;
}

int generic_less(Thread& t, Value a, Value b) {
  if (a.is_int() && b.is_int()) return a.integer < b.integer;
  if (a.is_float() && b.is_float()) return a.number < b.number;
  if (is_exact(a, Kind::Str) && is_exact(b, Kind::Str)) return compare_str(as<Str>(a), as<Str>(b)) < 0;
  if (is_exact(a, Kind::Tuple) && is_exact(b, Kind::Tuple) && !t.native_stack_is_low()) return tuple_less(t, as<Tuple>(a), as<Tuple>(b));
  Value result = less_by_method(t, a, b);
  if (!result.is_bool() && !result.is_raised()) result = truth(t, result);
  return result.is_raised() ? -1 : result.is_true();
}

struct GenericLess {
  Thread& t;
  int operator()(Value a, Value b) const { return generic_less(t, a, b); }
};

// The first bytes of a narrow str, as a number that compares as they do.
struct Prefixed {
  uint64_t prefix;
  Value item;
};

Prefixed with_prefix(Value v) {
  auto s = as<Str>(v);
  uint64_t prefix = 0;
  memcpy(&prefix, s->data, std::min<size_t>(s->length, sizeof prefix));
  return {std::endian::native == std::endian::little ? __builtin_bswap64(prefix) : prefix, v};
}

struct PrefixLess {
  int operator()(const Prefixed& a, const Prefixed& b) const {
    return a.prefix != b.prefix ? a.prefix < b.prefix : NarrowStrLess{}(a.item, b.item);
  }
};

// An item that is sorted by something else. Two Values in a row, so a ValueList can hold it.
struct Keyed {
  Value key, item;
};
static_assert(sizeof(Keyed) == 2 * sizeof(Value));

inline Value key_of(Value v) { return v; }
inline Value key_of(const Keyed& k) { return k.key; }
inline const Prefixed& key_of(const Prefixed& p) { return p; }

// Stands for a key and its item. Where two numbers differ, they compare as the keys do.
struct Rank {
  uint64_t number;
  uint64_t place;
};
inline const Rank& key_of(const Rank& r) { return r; }

// What is to be asked when the numbers of two ranks are the same.
enum class Tie : uint8_t { Strs, Any };

struct RankLess {
  Thread& t;
  const Value* keys;   // of place 0
  size_t width;        // from there to the next one
  Tie tie;
  int operator()(const Rank& a, const Rank& b) const {
    if (a.number != b.number) return a.number < b.number;
    Value x = keys[a.place * width], y = keys[b.place * width];
    return tie == Tie::Strs ? NarrowStrLess{}(x, y) : generic_less(t, x, y);
  }
};

// --- The sort ---

bool is_signal_due(const Thread& t) { return t.attention.load(std::memory_order_relaxed) & kSignal; }

// Sorts items[0..count). `room` holds half as many items and is seen by the collector whenever Less may run script code.
template <class Item, class Less>
class MergeSort {
 public:
  MergeSort(Thread& t, Item* items, size_t count, Item* room, Less less) : t_(t), items_(items), count_(count), room_(room), less_(less) {}

  // False after a comparison raised, or when a signal wants to be handled (was_interrupted); the items are then some permutation of
  // what they were.
  bool sort() {
    size_t shortest = shortest_run();
    for (size_t begin = 0; begin < count_;) {
      size_t length;
      if (!find_run(begin, length)) return false;
      size_t wanted = std::min(shortest, count_ - begin);
      if (length < wanted) {
        if (!insertion_sort(begin, begin + wanted, begin + length)) return false;
        length = wanted;
      }
      runs_.push_back({begin, length});
      if (!merge_pending(false)) return false;
      begin += length;
    }
    return merge_pending(true);
  }

 private:
  struct Run {
    size_t begin, length;
  };

  int less(const Item& a, const Item& b) { return less_(key_of(a), key_of(b)); }

  size_t shortest_run() const {
    size_t n = count_, rest = 0;
    while (n >= 64) {
      rest |= n & 1;
      n >>= 1;
    }
    return n + rest;
  }

  // The length of the run at `begin`; a strictly falling one is turned round.
  bool find_run(size_t begin, size_t& length) {
    size_t end = begin + 1;
    length = 1;
    if (end == count_) return true;
    int falls = less(items_[end], items_[begin]);
    if (falls < 0) return false;
    for (++end; end < count_; ++end) {
      int is_less = less(items_[end], items_[end - 1]);
      if (is_less < 0) return false;
      if (is_less != falls) break;
    }
    if (falls) std::reverse(items_ + begin, items_ + end);
    length = end - begin;
    return true;
  }

  // [begin, sorted) is in order; puts the rest up to `end` in its place one by one.
  bool insertion_sort(size_t begin, size_t end, size_t sorted) {
    for (size_t i = sorted; i < end; ++i) {
      Item pivot = items_[i];
      size_t low = begin, high = i;
      while (low < high) {
        size_t middle = (low + high) / 2;
        int is_less = less(pivot, items_[middle]);
        if (is_less < 0) return false;
        if (is_less) high = middle;
        else low = middle + 1;
      }
      memmove(static_cast<void*>(items_ + low + 1), items_ + low, (i - low) * sizeof(Item));
      items_[low] = pivot;
    }
    return true;
  }

  // Keeps run lengths on the stack falling steeply, so merges stay balanced; at the end merges everything.
  bool merge_pending(bool all) {
    while (runs_.size() > 1) {
      size_t n = runs_.size() - 2;
      bool third_is_short = n > 0 && runs_[n - 1].length <= runs_[n].length + runs_[n + 1].length;
      bool fourth_is_short = n > 1 && runs_[n - 2].length <= runs_[n - 1].length + runs_[n].length;
      bool must = third_is_short || fourth_is_short || runs_[n].length <= runs_[n + 1].length;
      if (!must && !all) return true;
      if (n > 0 && runs_[n - 1].length < runs_[n + 1].length) --n;
      if (!merge_at(n)) return false;
    }
    return true;
  }

  bool merge_at(size_t n) {
    if (MINI_UNLIKELY(is_signal_due(t_))) return false;
    Run a = runs_[n], b = runs_[n + 1];
    runs_[n].length += b.length;
    runs_.erase(runs_.begin() + static_cast<ptrdiff_t>(n) + 1);
    // Items of a that are in place already, and items of b that are.
    size_t skip;
    if (!gallop_right(items_[b.begin], items_ + a.begin, a.length, skip)) return false;
    a.begin += skip;
    a.length -= skip;
    if (a.length == 0) return true;
    if (!gallop_left_from_end(items_[a.begin + a.length - 1], items_ + b.begin, b.length, b.length)) return false;
    if (b.length == 0) return true;
    return a.length <= b.length ? merge_low(a, b) : merge_high(a, b);
  }

  // How many items at the front of run[0..length) are <= item: doubling steps, then halving.
  bool gallop_right(const Item& item, const Item* run, size_t length, size_t& count) {
    size_t low = 0, high = 1;
    while (high <= length) {
      int is_less = less(item, run[high - 1]);
      if (is_less < 0) return false;
      if (is_less) break;
      low = high;
      high = high * 2 + 1;
    }
    high = std::min(high, length + 1) - 1;
    while (low < high) {
      size_t middle = (low + high) / 2;
      int is_less = less(item, run[middle]);
      if (is_less < 0) return false;
      if (is_less) high = middle;
      else low = middle + 1;
    }
    count = low;
    return true;
  }

  // How many items at the front of run[0..length) are < item.
  bool gallop_left(const Item& item, const Item* run, size_t length, size_t& count) {
    size_t low = 0, high = 1;
    while (high <= length) {
      int is_less = less(run[high - 1], item);
      if (is_less < 0) return false;
      if (!is_less) break;
      low = high;
      high = high * 2 + 1;
    }
    high = std::min(high, length + 1) - 1;
    while (low < high) {
      size_t middle = (low + high) / 2;
      int is_less = less(run[middle], item);
      if (is_less < 0) return false;
      if (is_less) low = middle + 1;
      else high = middle;
    }
    count = low;
    return true;
  }

  // The same, looking from the end.
  bool gallop_left_from_end(const Item& item, const Item* run, size_t length, size_t& count) {
    size_t step = 1, high = length;
    while (step <= length) {
      int is_less = less(run[length - step], item);
      if (is_less < 0) return false;
      if (is_less) break;
      high = length - step;
      step = step * 2;
    }
    size_t low = step <= length ? length - step + 1 : 0;
    while (low < high) {
      size_t middle = (low + high) / 2;
      int is_less = less(run[middle], item);
      if (is_less < 0) return false;
      if (is_less) low = middle + 1;
      else high = middle;
    }
    count = low;
    return true;
  }

  bool gallop_right_from_end(const Item& item, const Item* run, size_t length, size_t& count) {
    size_t step = 1, high = length;
    while (step <= length) {
      int is_less = less(item, run[length - step]);
      if (is_less < 0) return false;
      if (!is_less) break;
      high = length - step;
      step = step * 2;
    }
    size_t low = step <= length ? length - step + 1 : 0;
    while (low < high) {
      size_t middle = (low + high) / 2;
      int is_less = less(item, run[middle]);
      if (is_less < 0) return false;
      if (is_less) high = middle;
      else low = middle + 1;
    }
    count = low;
    return true;
  }

  static void copy(Item* to, const Item* from, size_t count) { memmove(static_cast<void*>(to), from, count * sizeof(Item)); }

  // a moves out to the room; the merge fills from the front. At any moment the gap between `out` and b's rest is as large
  // as the rest of a, so putting that rest back completes a permutation.
  bool merge_low(Run a, Run b) {
    copy(room_, items_ + a.begin, a.length);
    Item *left = room_, *left_end = room_ + a.length;
    Item *right = items_ + b.begin, *right_end = right + b.length, *out = items_ + a.begin;
    bool is_good = true;
    size_t left_wins = 0, right_wins = 0;
    while (left < left_end && right < right_end) {
      if (left_wins < kGallop && right_wins < kGallop) {
        int is_less = less(*right, *left);
        if (is_less < 0) {
          is_good = false;
          break;
        }
        if (is_less) {
          *out++ = *right++;
          ++right_wins;
          left_wins = 0;
        } else {
          *out++ = *left++;
          ++left_wins;
          right_wins = 0;
        }
        continue;
      }
      size_t count;
      if (!gallop_right(*right, left, left_end - left, count)) {
        is_good = false;
        break;
      }
      copy(out, left, count);
      out += count;
      left += count;
      left_wins = count;
      if (left == left_end) break;
      if (!gallop_left(*left, right, right_end - right, count)) {
        is_good = false;
        break;
      }
      copy(out, right, count);
      out += count;
      right += count;
      right_wins = count;
    }
    copy(out, left, left_end - left);
    return is_good;
  }

  // b moves out to the room; the merge fills from the back.
  bool merge_high(Run a, Run b) {
    copy(room_, items_ + b.begin, b.length);
    Item *left_begin = items_ + a.begin, *left = left_begin + a.length;
    Item *right_begin = room_, *right = room_ + b.length, *out = items_ + b.begin + b.length;
    bool is_good = true;
    size_t left_wins = 0, right_wins = 0;
    while (left > left_begin && right > right_begin) {
      if (left_wins < kGallop && right_wins < kGallop) {
        int is_less = less(right[-1], left[-1]);
        if (is_less < 0) {
          is_good = false;
          break;
        }
        if (is_less) {
          *--out = *--left;
          ++left_wins;
          right_wins = 0;
        } else {
          *--out = *--right;
          ++right_wins;
          left_wins = 0;
        }
        continue;
      }
      size_t count;
      size_t left_count = left - left_begin;
      if (!gallop_right_from_end(right[-1], left_begin, left_count, count)) {
        is_good = false;
        break;
      }
      count = left_count - count;
      out -= count;
      left -= count;
      copy(out, left, count);
      left_wins = count;
      if (left == left_begin) break;
      size_t right_count = right - right_begin;
      if (!gallop_left_from_end(left[-1], right_begin, right_count, count)) {
        is_good = false;
        break;
      }
      count = right_count - count;
      out -= count;
      right -= count;
      copy(out, right, count);
      right_wins = count;
    }
    size_t rest = right - right_begin;
    copy(out - rest, right_begin, rest);
    return is_good;
  }

  static constexpr size_t kGallop = 7;
  Thread& t_;
  Item* items_;
  size_t count_;
  Item* room_;
  Less less_;
  std::vector<Run> runs_;
};

template <class Item, class Less>
bool merge_sort(Thread& t, Item* items, size_t count, Item* room, Less less) {
  return MergeSort<Item, Less>(t, items, count, room, less).sort();
}

bool was_interrupted(Thread& t) { return is_signal_due(t) && t.exception.is_empty(); }

enum class KeyClass : uint8_t { Ints, Floats, NarrowStrs, Mixed };

KeyClass class_of(Value v) {
  if (v.is_int()) return KeyClass::Ints;
  if (v.is_float()) return KeyClass::Floats;
  if (is_exact(v, Kind::Str) && !as<Str>(v)->is_wide()) return KeyClass::NarrowStrs;
  return KeyClass::Mixed;
}

template <class Item>
KeyClass class_of_all(const Item* items, size_t count) {
  KeyClass all = class_of(key_of(items[0]));
  for (size_t i = 1; i < count && all != KeyClass::Mixed; ++i)
    if (class_of(key_of(items[i])) != all) all = KeyClass::Mixed;
  return all;
}

template <class Item>
bool sort_items(Thread& t, Item* items, size_t count, Item* room, KeyClass keys) {
  switch (keys) {
    case KeyClass::Ints: return merge_sort(t, items, count, room, IntLess{});
    case KeyClass::Floats: return merge_sort(t, items, count, room, FloatLess{});
    case KeyClass::NarrowStrs: return merge_sort(t, items, count, room, NarrowStrLess{});
    case KeyClass::Mixed: return merge_sort(t, items, count, room, GenericLess{t});
  }
  return true;
}

// Stability under `reverse`: equal items keep their order, so the list is turned round before and after.
template <class Item>
bool sort_either_way(Thread& t, Item* items, size_t count, Item* room, KeyClass keys, bool reverse) {
  if (reverse) std::reverse(items, items + count);
  bool is_good = sort_items(t, items, count, room, keys);
  if (reverse) std::reverse(items, items + count);
  return is_good;
}

// Whether prefixes will pay: a few neighbours, spread over the list, have different ones and are not all in order already.
bool prefixes_tell(const List* list) {
  constexpr uint64_t kLooks = 16;
  bool is_ascending = true, is_descending = true;
  uint64_t same = 0;
  for (uint64_t k = 0; k < kLooks; ++k) {
    uint64_t i = (list->length - 2) / kLooks * k;
    uint64_t left = with_prefix(list->items[i]).prefix, right = with_prefix(list->items[i + 1]).prefix;
    is_ascending &= left <= right;
    is_descending &= left >= right;
    same += left == right;
  }
  return !is_ascending && !is_descending && same < kLooks / 4;
}

bool sort_strs_by_prefix(Thread& t, List* list, bool reverse) {
  std::vector<Prefixed> work(list->length), room(list->length / 2 + 1);
  std::transform(list->items, list->items + list->length, work.begin(), with_prefix);
  if (reverse) std::reverse(work.begin(), work.end());
  bool is_good = merge_sort(t, work.data(), work.size(), room.data(), PrefixLess{});
  if (reverse) std::reverse(work.begin(), work.end());
  std::transform(work.begin(), work.end(), list->items, [](const Prefixed& p) { return p.item; });
  return is_good;
}

// No script code can run: the list is sorted where it is.
Value sort_in_place(Thread& t, List* list, KeyClass keys, bool reverse) {
  constexpr size_t kFew = 64;   // need no memory from outside
  items_moved(list);
  if (list->length <= kFew) {
    Value room[kFew / 2 + 1];
    sort_either_way(t, list->items, list->length, room, keys, reverse);
    return Value::none();
  }
  if (keys == KeyClass::NarrowStrs && prefixes_tell(list)) {
    if (sort_strs_by_prefix(t, list, reverse)) return Value::none();
  } else {
    std::vector<Value> room(list->length / 2 + 1, Value::none());
    if (sort_either_way(t, list->items, list->length, room.data(), keys, reverse)) return Value::none();
  }
  TRY(t.poll());
  return sort_list(t, list, Value::none(), reverse);   // again: a handler may have changed the list
}

// The number of a key of this class. False: it has none that compares as the key does.
bool rank_number(Value key, KeyClass all, uint64_t& number) {
  constexpr uint64_t kSign = uint64_t{1} << 63;
  switch (all) {
    case KeyClass::Ints: number = key.bits ^ kSign; return true;
    case KeyClass::Floats:
      if (key.number != key.number) return false;
      if (key.number == 0) key.number = 0;   // -0.0 is equal to it
      number = key.bits & kSign ? ~key.bits : key.bits | kSign;
      return true;
    case KeyClass::NarrowStrs: number = with_prefix(key).prefix; return true;
    case KeyClass::Mixed: return false;
  }
  return false;
}

// Numbers of items that are all of one class, `item(i)` each. False: they are not.
template <class Item>
bool number_all(size_t count, Item item, std::vector<Rank>& ranks, KeyClass& all) {
  all = class_of(item(0));
  if (all == KeyClass::Mixed) return false;
  for (size_t i = 0; i < count; ++i) {
    Value v = item(i);
    if (class_of(v) != all || !rank_number(v, all, ranks[i].number)) return false;
  }
  return true;
}

// Numbers that differ little are moved to the front of their 64 bits; the result says how many of these they take.
unsigned spread(std::vector<Rank>& ranks) {
  uint64_t least = ranks[0].number, most = least;
  for (const Rank& r : ranks) {
    least = std::min(least, r.number);
    most = std::max(most, r.number);
  }
  auto bits = static_cast<unsigned>(std::bit_width(most - least));
  for (Rank& r : ranks) r.number = bits ? (r.number - least) << (64 - bits) : 0;
  return bits;
}

bool has_many_ties(const std::vector<Rank>& ranks) {
  constexpr size_t kLooks = 64, kFew = 2;
  size_t half = ranks.size() / 2, step = std::max<size_t>(1, half / kLooks), same = 0;
  for (size_t i = 0; i < half; i += step) same += ranks[i].number == ranks[i + half].number;
  return same > kFew;
}

// The first items of tuples are ints of a small range: what these leave free of the numbers tells of the second items.
bool add_second_items(const Value* keys, size_t width, std::vector<Rank>& ranks, unsigned bits) {
  constexpr unsigned kMostBits = 40;
  size_t count = ranks.size();
  if (bits > kMostBits) return false;
  std::vector<Rank> seconds(count);
  KeyClass all;
  auto second = [&](size_t i) {
    auto tuple = as<Tuple>(keys[i * width]);
    return tuple->length > 1 ? tuple->items[1] : Value::empty();
  };
  if (!number_all(count, second, seconds, all)) return false;
  if (all == KeyClass::Ints) spread(seconds);
  for (size_t i = 0; i < count; ++i) ranks[i].number |= seconds[i].number >> bits;
  return true;
}

// Fills `ranks` from the keys, which stand `width` apart: strs, or tuples whose first items tell. False: it would not pay.
bool rank_all(const Value* keys, size_t width, size_t count, std::vector<Rank>& ranks, Tie& tie) {
  bool are_tuples = is_exact(keys[0], Kind::Tuple);
  if (!are_tuples && class_of(keys[0]) != KeyClass::NarrowStrs) return false;
  ranks.resize(count);
  for (size_t i = 0; i < count; ++i) ranks[i].place = i;
  auto deciding = [&](size_t i) {
    Value key = keys[i * width];
    if (!are_tuples) return key;
    return is_exact(key, Kind::Tuple) && as<Tuple>(key)->length ? as<Tuple>(key)->items[0] : Value::empty();
  };
  KeyClass all;
  if (!number_all(count, deciding, ranks, all)) return false;
  tie = are_tuples ? Tie::Any : Tie::Strs;
  bool tells_more = are_tuples && all == KeyClass::Ints && add_second_items(keys, width, ranks, spread(ranks));
  return tells_more || !has_many_ties(ranks);
}

// A list whose items are away. Puts them back at the end, whatever was done to the list meanwhile.
class EmptiedList {
 public:
  EmptiedList(Thread& t, List* list) : thread_(t), list_(list), items_(list->items), length_(list->length), capacity_(list->capacity), inside_(list->extra) {
    list->items = nullptr;
    list->length = list->capacity = 0;
    list->extra = 0;
  }
  ~EmptiedList() {   // there was no memory
    if (is_away_) restore();
  }
  bool was_modified() const { return list_->items != nullptr; }
  void restore() {
    give_list_items(*thread_.heap, list_);
    list_->items = items_;
    list_->length = length_;
    list_->capacity = capacity_;
    list_->extra = inside_;
    note_write(list_);
    is_away_ = false;
  }

 private:
  bool is_away_ = true;
  Thread& thread_;
  List* list_;
  Value* items_;
  uint64_t length_, capacity_;
  uint32_t inside_;
};

// A handler that does not raise lets the sort begin again, with most of the work done.
template <class Sort>
bool sort_handling_signals(Thread& t, Sort sort) {
  while (!sort()) {
    if (!was_interrupted(t) || t.poll().is_raised()) return false;
  }
  return true;
}

// Sorts as ranks. False: the keys have none, or the list is short; nothing was done.
bool sort_ranks(Thread& t, const Value* keys, size_t width, size_t count, bool reverse, std::vector<Rank>& ranks, bool& is_good) {
  constexpr size_t kWorthWhile = 12;
  Tie tie;
  if (count < kWorthWhile || !rank_all(keys, width, count, ranks, tie)) return false;
  std::vector<Rank> room(count / 2 + 1);
  RankLess less{t, keys, width, tie};
  is_good = sort_handling_signals(t, [&] {
    if (reverse) std::reverse(ranks.begin(), ranks.end());
    bool is_sorted = merge_sort(t, ranks.data(), count, room.data(), less);
    if (reverse) std::reverse(ranks.begin(), ranks.end());
    return is_sorted;
  });
  return true;
}

// Fills `work` with (key, item) pairs; the key function is called once for each item, in order.
Value compute_keys(Thread& t, Value key, ValueList& work, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    Value item = work[2 * i + 1];
    work[2 * i] = TRY(call(t, key, &item, 1));
    if ((i & 1023) == 1023) TRY(t.poll());
  }
  return Value::none();
}

}  // namespace

Value sort_list(Thread& t, List* list, Value key, bool reverse) {
  size_t count = list->length;
  bool has_key = !key.is_none() && !key.is_empty();
  if (count < 2 && !has_key) return Value::none();
  if (count == 0) return Value::none();
  KeyClass keys = KeyClass::Mixed;
  if (!has_key) {
    keys = class_of_all(list->items, count);
    if (keys != KeyClass::Mixed) return sort_in_place(t, list, keys, reverse);
  }
  ValueList work(t), room(t);
  size_t width = has_key ? 2 : 1;
  work.resize(count * width);
  for (size_t i = 0; i < count; ++i) work[i * width + width - 1] = list->items[i];

  EmptiedList emptied(t, list);
  std::vector<Rank> ranks;
  bool is_good = !has_key || !compute_keys(t, key, work, count).is_raised();
  if (is_good && !sort_ranks(t, work.data(), width, count, reverse, ranks, is_good)) {
    ranks.clear();
    room.resize((count / 2 + 1) * width);
    if (has_key) {
      auto pairs = reinterpret_cast<Keyed*>(work.data());
      auto sort = [&] { return sort_either_way(t, pairs, count, reinterpret_cast<Keyed*>(room.data()), class_of_all(pairs, count), reverse); };
      is_good = sort_handling_signals(t, sort);
    } else {
      is_good = sort_handling_signals(t, [&] { return sort_either_way(t, work.data(), count, room.data(), keys, reverse); });
    }
  }
  bool was_modified = emptied.was_modified();
  emptied.restore();
  for (size_t i = 0; i < count; ++i) {
    size_t place = ranks.empty() ? i : ranks[i].place;
    store(list, list->items[i], work[place * width + width - 1]);
  }
  if (!is_good) return Value::raised();
  if (was_modified) return raise_text(t, ErrorType::ValueError, "list modified during sort");
  return Value::none();
}

}  // namespace mini
