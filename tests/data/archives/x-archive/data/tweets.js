window.YTD.tweets.part0 = [
  {
    "tweet": {
      "edit_info": {
        "initial": {
          "editTweetIds": [
            "1197094583921197057"
          ],
          "editableUntil": "2019-11-20T11:01:02.000Z",
          "editsRemaining": "5",
          "isEditEligible": true
        }
      },
      "created_at": "Wed Nov 20 10:01:02 +0000 2019",
      "id": "1197094583921197057",
      "id_str": "1197094583921197057",
      "full_text": "They renamed the complaints box &amp; called it a portal. No. #NotCoproduction\n\nhttps://t.co/aaaaaaaaa1 https://t.co/ppppppppp1",
      "display_text_range": [
        0,
        102
      ],
      "entities": {
        "hashtags": [
          {
            "text": "NotCoproduction",
            "indices": [
              61,
              77
            ]
          }
        ],
        "symbols": [],
        "user_mentions": [],
        "urls": [
          {
            "url": "https://t.co/aaaaaaaaa1",
            "expanded_url": "https://examples.example/portal?a=1&b=2",
            "display_url": "examples.example/portal?a=",
            "indices": [
              79,
              102
            ]
          }
        ],
        "media": [
          {
            "id": 1197094580000000001,
            "id_str": "1197094580000000001",
            "indices": [
              103,
              126
            ],
            "media_url": "http://pbs.twimg.com/media/EJz0000000001.jpg",
            "media_url_https": "https://pbs.twimg.com/media/EJz0000000001.jpg",
            "url": "https://t.co/ppppppppp1",
            "display_url": "pic.twitter.com/ppppppppp1",
            "expanded_url": "https://twitter.com/Carys_Reads/status/1197094583921197057/photo/1",
            "type": "photo"
          }
        ]
      },
      "source": "<a href=\"https://mobile.twitter.com\" rel=\"nofollow\">Twitter Web App</a>",
      "in_reply_to_status_id": null,
      "in_reply_to_status_id_str": null,
      "in_reply_to_user_id": null,
      "in_reply_to_user_id_str": null,
      "in_reply_to_screen_name": null,
      "geo": null,
      "coordinates": null,
      "place": null,
      "contributors": null,
      "is_quote_status": false,
      "retweet_count": "4",
      "favorite_count": "11",
      "favorited": false,
      "retweeted": false,
      "possibly_sensitive": false,
      "lang": "en",
      "extended_entities": {
        "media": [
          {
            "id": 1197094580000000001,
            "id_str": "1197094580000000001",
            "indices": [
              103,
              126
            ],
            "media_url": "http://pbs.twimg.com/media/EJz0000000001.jpg",
            "media_url_https": "https://pbs.twimg.com/media/EJz0000000001.jpg",
            "url": "https://t.co/ppppppppp1",
            "display_url": "pic.twitter.com/ppppppppp1",
            "expanded_url": "https://twitter.com/Carys_Reads/status/1197094583921197057/photo/1",
            "type": "photo",
            "ext_alt_text": "A poster"
          }
        ]
      }
    }
  },
  {
    "tweet": {
      "retweeted": false,
      "source": "<a href=\"http://twitter.com\">Twitter</a>",
      "entities": {
        "hashtags": [],
        "symbols": [],
        "user_mentions": [
          {
            "name": "Owen",
            "screen_name": "owen_m",
            "indices": [
              "3",
              "10"
            ],
            "id_str": "1200000000000000007",
            "id": "1200000000000000007"
          }
        ],
        "urls": []
      },
      "display_text_range": [
        "0",
        "40"
      ],
      "favorite_count": "0",
      "id_str": "1197200000000000001",
      "truncated": false,
      "retweet_count": "0",
      "id": "1197200000000000001",
      "created_at": "Wed Nov 20 17:00:00 +0000 2019",
      "favorited": false,
      "full_text": "RT @owen_m: Here too: eleven chairs and…",
      "lang": "en"
    }
  },
  {
    "tweet": {
      "retweeted": false,
      "entities": {
        "hashtags": [
          {
            "text": "notcoproduction",
            "indices": [
              "21",
              "37"
            ]
          }
        ],
        "symbols": [],
        "user_mentions": [
          {
            "name": "Carys  Reads",
            "screen_name": "Carys_Reads",
            "indices": [
              "0",
              "12"
            ],
            "id_str": "2244994945",
            "id": "2244994945"
          }
        ],
        "urls": []
      },
      "display_text_range": [
        "0",
        "37"
      ],
      "favorite_count": "2",
      "in_reply_to_status_id_str": "1197094583921197057",
      "id_str": "1197300000000000001",
      "in_reply_to_user_id": "2244994945",
      "in_reply_to_status_id": "1197094583921197057",
      "in_reply_to_screen_name": "Carys_Reads",
      "in_reply_to_user_id_str": "2244994945",
      "truncated": false,
      "retweet_count": "0",
      "id": "1197300000000000001",
      "created_at": "Wed Nov 20 23:37:25 +0000 2019",
      "favorited": false,
      "full_text": "@Carys_Reads … and so #notcoproduction",
      "lang": "en"
    }
  }
]